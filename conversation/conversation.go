// Package conversation holds the types of the domain, and everything that can be decided about a conversation
// without a database (design, sections 4 and 5). It imports nothing of the project but package compliance.
//
// A decision takes what is stored, what is asked for and the time, and returns a value that says what changes; it
// leaves its arguments as they are. Package db reads conversations, applies such values and writes:
//
//   - Anonymizing.Plan says what anonymizing makes of a batch of conversations. A preview counts the plan, a
//     transaction carries it out.
//   - The methods of MediaFile are the life of a recording: each returns a MediaChange, from which follow the
//     requests to the Interaction service, the audit events and the state of the conversation.
//   - MergeGroups says which vCons and stored conversations become one.
//   - Importing.Plan says what vCons that come in change in what is stored, and what stays whatever they say.
package conversation

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Conversation is one or more segments that belong together: the unit that is listed, anonymized and
// reviewed. What belongs to it is nil until somebody loads it. Like the other types of this file it is a row
// of the table that has its name; the tags are for the mapper.
type Conversation struct {
	ID              int64 `bun:",pk,autoincrement"`
	StartedAt       time.Time
	EndedAt         time.Time
	DurationMs      int64
	Direction       compliance.Direction          `bun:",nullzero"`
	Types           []compliance.ConversationType `bun:",array"`
	Reviewable      bool
	MediaStatus     compliance.MediaStatus
	AnonymizedAt    *time.Time
	SettingsVersion *int
	// The Done fields tell everything that was on whenever the conversation was anonymized; Done puts them
	// together.
	DonePhoneNumber    bool
	DoneDigitalAddress bool
	DoneContent        bool
	DoneMedia          bool
	DoneKeys           []string `bun:",array"`
	ImportedAt         time.Time

	Vcons        []*Vcon        `bun:"-"`
	Versions     []*VconVersion `bun:"-"`
	Participants []*Participant `bun:"-"`
	Segments     []*Segment     `bun:"-"`
	Metadata     []*Metadatum   `bun:"-"`
	Media        []*MediaFile   `bun:"-"`
}

// Vcon is one of the vCons that a conversation is made of: the one that it was imported as, and those that
// joined it. What a vCon brought carries its uuid. They are in order of time, and by uuid where that is
// equal.
type Vcon struct {
	UUID           uuid.UUID `bun:",pk"`
	ConversationID int64
	StartedAt      time.Time
	EndedAt        time.Time
	Direction      compliance.Direction `bun:",nullzero"`
}

// Participant is somebody in a conversation, in the order of the vCon's parties.
type Participant struct {
	ConversationID           int64     `bun:",pk"`
	VconUUID                 uuid.UUID `bun:",pk"`
	Position                 int       `bun:",pk"`
	Role                     compliance.ParticipantRole
	Name                     string
	UserID                   string
	PhoneNumber              string
	PhoneNumberAnonymized    bool
	DigitalAddress           string
	DigitalAddressAnonymized bool
	// PhoneAddress is a digital address with a phone number in it, which two switches cover.
	PhoneAddress           string
	PhoneAddressAnonymized bool
}

// Segment is one call, e-mail thread or chat of a conversation.
type Segment struct {
	ID              int64 `bun:",pk,autoincrement"`
	ConversationID  int64
	VconUUID        uuid.UUID
	Position        int // within the conversation
	Kind            compliance.SegmentKind
	StartedAt       time.Time
	DurationMs      int64
	Title           string // the subject of an e-mail, the room name of a chat
	TitleAnonymized bool
	Attachments     int

	Messages []*Message `bun:"-"`
}

// Message is one piece of text in a segment.
type Message struct {
	ConversationID int64 `bun:",pk"`
	SegmentID      int64 `bun:",pk"`
	Position       int   `bun:",pk"`
	Kind           compliance.MessageKind
	AuthorPosition *int // the Position of a Participant of the same vCon; nil where nobody is known
	SentAt         *time.Time
	Text           string
	TextAnonymized bool
	// Mixed tells that the text was made from a call and from written text: see IncomingMessage.
	Mixed bool
}

// Metadatum is one key of a conversation's metadata with its value.
type Metadatum struct {
	ConversationID  int64     `bun:",pk"`
	VconUUID        uuid.UUID `bun:",pk"`
	KeyID           int       `bun:",pk"`
	Value           string
	ValueAnonymized bool

	Key string `bun:",scanonly"`
}

// Done returns everything that was on whenever the conversation was anonymized, nil where it never was.
func (c *Conversation) Done() *compliance.Selection {
	if c.AnonymizedAt == nil {
		return nil
	}
	return &compliance.Selection{
		ParticipantPhoneNumber: c.DonePhoneNumber, ParticipantDigitalAddress: c.DoneDigitalAddress,
		SubjectAndBody: c.DoneContent, MediaFiles: c.DoneMedia, Keys: c.DoneKeys,
	}
}

// SetDone notes when the conversation was anonymized last, under which version of the settings, and
// everything that was on whenever it was.
func (c *Conversation) SetDone(at time.Time, version int, done compliance.Selection) {
	c.AnonymizedAt, c.SettingsVersion = &at, &version
	c.DonePhoneNumber, c.DoneDigitalAddress = done.ParticipantPhoneNumber, done.ParticipantDigitalAddress
	c.DoneContent, c.DoneMedia = done.SubjectAndBody, done.MediaFiles
	c.DoneKeys = append([]string{}, done.Keys...)
}

// DoneVersion returns the version of the settings that the conversation was anonymized under last, 0 where it
// never was.
func (c *Conversation) DoneVersion() int {
	if c.SettingsVersion == nil {
		return 0
	}
	return *c.SettingsVersion
}

// Review says for each segment, in the order of Segments, why it can or can no longer be reviewed. Segments
// and Media must be loaded. A protection counts until its end has been acted upon, so that the segments
// always agree with the conversation.
func (c *Conversation) Review() []compliance.Reason {
	reasons := make([]compliance.Reason, 0, len(c.Segments))
	for _, state := range c.segmentStates() {
		reasons = append(reasons, state.Review(c.Done()))
	}
	return reasons
}

// WhyReviewable gives the one reason for the whole conversation. Segments and Media must be loaded.
func (c *Conversation) WhyReviewable() compliance.Reason {
	return compliance.WhyReviewable(c.segmentStates(), c.Done())
}

// Derive sets what follows from the rest: reviewability, media status and types. Segments and Media must be
// loaded.
func (c *Conversation) Derive() {
	files := make([]compliance.MediaState, 0, len(c.Media))
	for _, file := range c.Media {
		files = append(files, compliance.MediaState{Kind: file.Kind, Status: file.Status})
	}
	kinds := make([]compliance.SegmentKind, 0, len(c.Segments))
	for _, segment := range c.Segments {
		kinds = append(kinds, segment.Kind)
	}
	c.Reviewable = compliance.Reviewable(c.segmentStates(), c.Done())
	c.MediaStatus = compliance.StatusOf(files)
	c.Types = compliance.TypesOf(kinds, files)
}

func (c *Conversation) segmentStates() []compliance.SegmentState {
	protected := map[int64]int{}
	for _, file := range c.Media {
		if file.Protected && file.Status != compliance.MediaDeleted {
			protected[file.SegmentID]++
		}
	}
	states := make([]compliance.SegmentState, 0, len(c.Segments))
	for _, segment := range c.Segments {
		states = append(states, compliance.SegmentState{Kind: segment.Kind, ProtectedFiles: protected[segment.ID]})
	}
	return states
}

// WithMedia returns the conversation as it is once some of its files have changed, with what follows from
// that. It leaves the conversation that it is called on, and the files, as they are. Segments and Media must
// be loaded.
func (c *Conversation) WithMedia(changes []MediaChange) *Conversation {
	after := c.withMedia(changes)
	after.Derive()
	return after
}

func (c *Conversation) withMedia(changes []MediaChange) *Conversation {
	changed := map[int64]*MediaFile{}
	for _, change := range changes {
		changed[change.After.ID] = change.After
	}
	after := *c
	after.Media = make([]*MediaFile, len(c.Media))
	for i, file := range c.Media {
		after.Media[i] = cmp.Or(changed[file.ID], file)
	}
	return &after
}

// SamePerson reports whether two participants, of different vCons of a conversation, are known to be the
// same: everything about them is equal, and something of it tells them apart from others. Placeholders do
// not.
func (p *Participant) SamePerson(other *Participant) bool {
	if p.VconUUID == other.VconUUID {
		return false
	}
	known := p.Name != "" || p.UserID != "" ||
		p.PhoneNumber != "" && !p.PhoneNumberAnonymized || p.DigitalAddress != "" && !p.DigitalAddressAnonymized ||
		p.PhoneAddress != "" && !p.PhoneAddressAnonymized
	return known && p.Role == other.Role && p.Name == other.Name && p.UserID == other.UserID &&
		p.PhoneNumber == other.PhoneNumber && p.PhoneNumberAnonymized == other.PhoneNumberAnonymized &&
		p.DigitalAddress == other.DigitalAddress && p.DigitalAddressAnonymized == other.DigitalAddressAnonymized &&
		p.PhoneAddress == other.PhoneAddress && p.PhoneAddressAnonymized == other.PhoneAddressAnonymized
}
