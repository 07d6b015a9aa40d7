package vcon

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/conversation"
)

// Export is one conversation as it is written: the vCons that it was imported as, more than one where
// conversations were merged.
type Export struct {
	// Sources are in the order of time; there is at least one. Their values are as they are stored:
	// placeholders where they were anonymized.
	Sources []*conversation.Incoming
	// Syntax is that of the vCon; the newest where it is empty.
	Syntax Syntax
	// Recordings are the bytes of recordings of the Sources that have no Body, where they are to be included.
	Recordings map[*conversation.IncomingMedia]io.Reader
}

// Syntax is a version of the vCon's syntax that can be written.
type Syntax string

// The syntaxes that can be written. They differ in the names of what a vCon was made from.
const (
	Syntax040 Syntax = "0.4.0" // redacted, amended
	Syntax050 Syntax = "0.5.0" // redacted_from, amended_from
)

// Write makes one vCon of a conversation: strict, that is, valid by the schema of draft-ietf-vcon-vcon-core,
// on one line without an end of line, the same bytes each time. Parse reads it back as the same conversation.
// A conversation that was anonymized is written as a redacted vCon.
func Write(export Export) ([]byte, error) {
	var whole bytes.Buffer
	err := WriteTo(&whole, export)
	return whole.Bytes(), err
}

// WriteTo writes what Write returns. Recordings go from where they are read into out, never whole in memory.
func WriteTo(out io.Writer, export Export) error {
	w := &writer{recordings: export.Recordings, layout: layout{Version: layoutVersion}, document: document{
		VCon: cmp.Or(export.Syntax, Syntax050), UUID: identity(export.Sources), CreatedAt: export.Sources[0].StartedAt.UTC(),
		Parties: []writtenParty{}, Dialog: []writtenDialog{}, Analysis: []writtenAnalysis{},
		Attachments: []writtenAttachment{},
	}}
	for _, source := range export.Sources {
		if source.StartedAt.Before(w.document.CreatedAt) {
			w.document.CreatedAt = source.StartedAt.UTC()
		}
		w.source(source)
	}
	w.addOrigin(export.Sources)
	w.attach(layoutName, w.layout)
	w.addSubject()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(w.document); err != nil {
		return err
	}
	return w.withBodies(out, bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// bodyMark stands for the body of a recording until the rest is written, so that bodies, which are by far the
// largest, are never in the text. No stored text has a zero in it.
const bodyMark = "\x00body\x00"

// withBodies writes a document with its recordings, in the order in which they were added.
func (w *writer) withBodies(out io.Writer, text []byte) error {
	mark := []byte(`"\u0000body\u0000"`)
	for _, body := range w.bodies {
		place := bytes.Index(text, mark)
		if _, err := out.Write(text[:place+1]); err != nil {
			return err
		}
		encoder := base64.NewEncoder(base64.RawURLEncoding, out)
		if _, err := io.Copy(encoder, body); err != nil {
			return err
		}
		if err := encoder.Close(); err != nil {
			return err
		}
		text = text[place+len(mark)-1:]
	}
	_, err := out.Write(text)
	return err
}

// identity is the uuid of the only source; of several it is a version 8 UUID that is made of theirs, so that
// the same conversation always has the same.
func identity(sources []*conversation.Incoming) uuid.UUID {
	if len(sources) == 1 {
		return sources[0].UUID
	}
	hash := sha256.New()
	for _, id := range uuids(sources) {
		hash.Write(id[:])
	}
	id := uuid.UUID(hash.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}

// uuids are those of the sources, sorted.
func uuids(sources []*conversation.Incoming) []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(sources))
	for _, source := range sources {
		ids = append(ids, source.UUID)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

// The parts of a vCon, with the members that are written.
type (
	document struct {
		VCon      Syntax    `json:"vcon"`
		UUID      uuid.UUID `json:"uuid"`
		CreatedAt time.Time `json:"created_at"`
		Subject   string    `json:"subject,omitempty"`
		// The first two are of the older syntax.
		Redacted     *writtenOrigin      `json:"redacted,omitempty"`
		Amended      *writtenOrigin      `json:"amended,omitempty"`
		RedactedFrom *writtenOrigin      `json:"redacted_from,omitempty"`
		AmendedFrom  *writtenOrigin      `json:"amended_from,omitempty"`
		Parties      []writtenParty      `json:"parties"`
		Dialog       []writtenDialog     `json:"dialog"`
		Analysis     []writtenAnalysis   `json:"analysis"`
		Attachments  []writtenAttachment `json:"attachments"`
	}
	writtenOrigin struct {
		UUID *uuid.UUID `json:"uuid,omitempty"`
		Type string     `json:"type,omitempty"`
	}
	writtenParty struct {
		Name   string       `json:"name,omitempty"`
		Tel    string       `json:"tel,omitempty"`
		Mailto string       `json:"mailto,omitempty"`
		Handle string       `json:"handle,omitempty"`
		Role   string       `json:"role"`
		Meta   *writtenMeta `json:"meta,omitempty"`
	}
	writtenMeta struct {
		UserID string   `json:"user_id,omitempty"`
		Groups []string `json:"groups,omitempty"`
		Tel    []string `json:"tel,omitempty"`
		Email  []string `json:"email,omitempty"`
		Handle []string `json:"handle,omitempty"`
		IP     []string `json:"ip,omitempty"`
	}
	writtenDialog struct {
		Type        string            `json:"type"`
		Start       time.Time         `json:"start"`
		Duration    float64           `json:"duration,omitempty"`
		Parties     []int             `json:"parties"`
		Originator  *int              `json:"originator,omitempty"`
		MediaType   string            `json:"mediatype,omitempty"`
		MessageID   string            `json:"message_id,omitempty"`
		Subject     string            `json:"subject,omitempty"`
		Body        *string           `json:"body,omitempty"`
		Encoding    string            `json:"encoding,omitempty"`
		URL         string            `json:"url,omitempty"`
		ContentHash string            `json:"content_hash,omitempty"`
		Meta        map[string]string `json:"meta,omitempty"`
	}
	writtenAnalysis struct {
		Type     string      `json:"type"`
		Dialog   int         `json:"dialog"`
		Vendor   string      `json:"vendor"`
		Encoding string      `json:"encoding"`
		Body     writtenTurn `json:"body"`
	}
	writtenTurn struct {
		Party *int       `json:"party,omitempty"`
		Start *time.Time `json:"start,omitempty"`
		Text  string     `json:"text"`
	}
	writtenAttachment struct {
		Purpose  string    `json:"purpose"`
		Start    time.Time `json:"start"`
		Party    int       `json:"party"`
		Dialog   int       `json:"dialog"`
		Encoding string    `json:"encoding"`
		Body     any       `json:"body"`
	}
)

// writer puts a vCon together.
type writer struct {
	document document
	layout   layout
	// bodies are those of the recordings, in the order of the dialogs.
	bodies     []io.Reader
	recordings map[*conversation.IncomingMedia]io.Reader
}

// addOrigin says that the vCon is a redacted version of one that is no more, or else which one it amends;
// that of several vCons amends none of theirs.
func (w *writer) addOrigin(sources []*conversation.Incoming) {
	isRedacted := slices.ContainsFunc(sources, func(c *conversation.Incoming) bool { return c.Anonymization != nil })
	var origin *writtenOrigin
	if from := madeFrom(sources[0]); isRedacted {
		origin = &writtenOrigin{Type: "anonymized"}
	} else if len(sources) == 1 && len(from) > 0 {
		origin = &writtenOrigin{UUID: &from[0]}
	}
	switch isOlder := w.document.VCon == Syntax040; {
	case isOlder && isRedacted:
		w.document.Redacted = origin
	case isOlder:
		w.document.Amended = origin
	case isRedacted:
		w.document.RedactedFrom = origin
	default:
		w.document.AmendedFrom = origin
	}
}

func (w *writer) source(c *conversation.Incoming) {
	source := layoutSource{
		UUID: c.UUID, StartedAt: c.StartedAt.UTC(), EndedAt: c.EndedAt.UTC(), Direction: c.Direction,
		Parties: []layoutParty{}, Segments: []layoutSegment{},
	}
	first := len(w.document.Parties)
	for _, p := range c.Participants {
		party, places := partyOf(p)
		places.Party = len(w.document.Parties)
		source.Parties = append(source.Parties, places)
		w.document.Parties = append(w.document.Parties, party)
	}
	for i := range c.Segments {
		source.Segments = append(source.Segments, w.segment(c, first, i))
	}
	if len(c.Metadata) > 0 {
		values := map[string]string{}
		for _, m := range c.Metadata {
			values[m.Key] = m.Value
		}
		place := w.attach("metadata", values)
		source.Metadata = &place
	}
	source.Versions = layoutVersions(c)
	if a := c.Anonymization; a != nil {
		source.Anonymization = &layoutAnonymization{
			At: a.At.UTC(), SettingsVersion: a.SettingsVersion,
			PhoneNumber:    a.Selection.ParticipantPhoneNumber,
			DigitalAddress: a.Selection.ParticipantDigitalAddress,
			Content:        a.Selection.SubjectAndBody, Media: a.Selection.MediaFiles, Keys: a.Selection.Keys,
		}
	}
	w.layout.Sources = append(w.layout.Sources, source)
}

func (w *writer) attach(purpose string, body any) (place int) {
	w.document.Attachments = append(w.document.Attachments, writtenAttachment{
		Purpose: purpose, Start: w.document.CreatedAt, Encoding: "json", Body: body,
	})
	return len(w.document.Attachments) - 1
}

// addSubject gives the vCon the subject of its e-mails, where they have one and the same.
func (w *writer) addSubject() {
	for _, d := range w.document.Dialog {
		switch {
		case d.Subject == "":
		case w.document.Subject == "":
			w.document.Subject = d.Subject
		case w.document.Subject != d.Subject:
			w.document.Subject = ""
			return
		}
	}
}
