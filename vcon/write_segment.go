package vcon

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// segmentWriter writes one segment. First is where the parties of its source begin.
type segmentWriter struct {
	*writer
	source *conversation.Incoming
	first  int
	from   *conversation.IncomingSegment
	layout layoutSegment
}

func (w *writer) segment(c *conversation.Incoming, first, index int) layoutSegment {
	from := &c.Segments[index]
	s := &segmentWriter{writer: w, source: c, first: first, from: from, layout: layoutSegment{
		Kind: from.Kind, StartedAt: from.StartedAt.UTC(), DurationMs: from.Duration.Milliseconds(),
		Attachments: from.Attachments, Dialog: len(w.document.Dialog),
	}}
	for i := range from.Media {
		s.recording(&from.Media[i])
	}
	for _, message := range from.Messages {
		if message.Kind == compliance.ChatMessage || message.Kind == compliance.EmailBody {
			s.text(message)
		} else {
			s.made(message)
		}
	}
	if len(w.document.Dialog) == s.layout.Dialog { // a segment is at least one dialog, also an empty one
		s.add(writtenDialog{
			Type: "text", Start: from.StartedAt.UTC(), Duration: from.Duration.Seconds(), Parties: s.parties(),
			Body: new(string), Encoding: "none",
		})
	}
	s.head(&w.document.Dialog[s.layout.Dialog])
	return s.layout
}

// head puts what belongs to the whole segment into its first dialog.
func (s *segmentWriter) head(d *writtenDialog) {
	d.Subject = s.from.Subject
	if s.from.RoomName != "" {
		d.Meta = map[string]string{"room": s.from.RoomName}
	}
	if s.from.Kind == compliance.SegmentCall && s.source.Direction != "" {
		d.Meta = map[string]string{"direction": strings.ToLower(string(s.source.Direction))}
	}
}

func (s *segmentWriter) parties() []int {
	all := make([]int, len(s.source.Participants))
	for i := range all {
		all[i] = s.first + i
	}
	return all
}

// add adds a dialog; every dialog of an e-mail has an id of its own, which says nothing but its place.
func (s *segmentWriter) add(d writtenDialog) (place int) {
	place = len(s.document.Dialog)
	if s.from.Kind == compliance.SegmentEmail {
		d.MessageID = fmt.Sprintf("<%s.%d@qm-compliance.invalid>", s.source.UUID, place)
	}
	s.document.Dialog = append(s.document.Dialog, d)
	return place
}

func (s *segmentWriter) recording(file *conversation.IncomingMedia) {
	d := writtenDialog{
		Type: "recording", Start: s.from.StartedAt.UTC(), Duration: file.Duration.Seconds(), Parties: s.parties(),
		MediaType: file.MediaType, ContentHash: file.ContentHash,
	}
	if !file.StartedAt.IsZero() {
		d.Start = file.StartedAt.UTC()
	}
	content := s.recordings[file]
	if file.Body != nil {
		content = bytes.NewReader(file.Body)
	}
	switch {
	case file.Status == compliance.MediaDeleted:
	case content != nil:
		body := bodyMark
		s.bodies = append(s.bodies, content)
		d.Body, d.Encoding, d.URL = &body, "base64url", file.URL
	default:
		d.URL = file.URL
	}
	media := layoutMedia{
		Dialog: s.add(d), Kind: file.Kind, StartedAt: orNil(file.StartedAt),
		DurationMs: file.Duration.Milliseconds(), Status: file.Status, Elsewhere: file.Elsewhere,
	}
	if p := file.Protection; p != nil {
		media.Protection = &layoutProtection{orNil(p.Until), string(p.Reason), p.Note}
	}
	s.layout.Media = append(s.layout.Media, media)
}

func (s *segmentWriter) text(message conversation.IncomingMessage) {
	d := writtenDialog{
		Type: "text", Start: s.from.StartedAt.UTC(), Parties: s.parties(),
		MediaType: "text/plain", Body: &message.Text, Encoding: "none",
	}
	if !message.SentAt.IsZero() {
		d.Start = message.SentAt.UTC()
	}
	if message.Author >= 0 {
		d.Originator = s.author(message)
	}
	place := s.add(d)
	s.layout.Messages = append(s.layout.Messages, layoutMessage{
		Kind: message.Kind, Dialog: &place, Author: message.Author, SentAt: orNil(message.SentAt),
	})
}

// made writes a text that was made from the segment.
func (s *segmentWriter) made(message conversation.IncomingMessage) {
	place := len(s.document.Analysis)
	s.document.Analysis = append(s.document.Analysis, writtenAnalysis{
		Type: strings.ToLower(string(message.Kind)), Dialog: s.layout.Dialog, Vendor: layoutName, Encoding: "json",
		Body: writtenTurn{s.author(message), orNil(message.SentAt), message.Text},
	})
	s.layout.Messages = append(s.layout.Messages, layoutMessage{
		Kind: message.Kind, Analysis: &place, Author: message.Author, SentAt: orNil(message.SentAt),
		Mixed: message.Mixed,
	})
}

func (s *segmentWriter) author(message conversation.IncomingMessage) *int {
	if message.Author < 0 {
		return nil
	}
	party := s.first + message.Author
	return &party
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
