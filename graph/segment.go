package graph

import (
	"context"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// Segment is a CallSegment, an EmailSegment or a ChatSegment.
type Segment interface {
	Node
	IsSegment()
}

// segment is what every kind of segment shows.
type segment struct {
	*conversation.Segment
	conversation *Conversation
	review       compliance.Reason
}

// IsNode makes a segment findable by its global id.
func (segment) IsNode() {}

// IsSegment marks the kinds of segments.
func (segment) IsSegment() {}

// ID is the global id.
func (s segment) ID() string { return globalID{Kind: kindSegment, Number: s.Segment.ID}.String() }

// DurationSeconds is the length in seconds. It is nil for a call without one, whose length is not known; what was
// written once took no time.
func (s segment) DurationSeconds() *float64 {
	if s.Kind == compliance.SegmentCall {
		return knownSeconds(s.DurationMs)
	}
	length := seconds(s.DurationMs)
	return &length
}

// IsAnonymized reports whether the content is gone, or planned to go.
func (s segment) IsAnonymized() bool { return s.review == compliance.ReasonAnonymized }

// ReviewabilityReason is why it can, or can no longer, be reviewed.
func (s segment) ReviewabilityReason() compliance.Reason { return s.review }

// Messages are the texts of the segment, in order.
func (s segment) Messages() []*Message {
	authors := map[int]*conversation.Participant{}
	for _, p := range s.conversation.Conversation.Participants {
		if p.VconUUID == s.VconUUID {
			authors[p.Position] = p
		}
	}
	return mapped(s.Segment.Messages, func(m *conversation.Message) *Message {
		shown := &Message{Message: m}
		if m.AuthorPosition != nil {
			shown.author = authors[*m.AuthorPosition]
		}
		return shown
	})
}

// CallSegment shows a call.
type CallSegment struct{ segment }

// Media are the recordings of this call.
func (s *CallSegment) Media() []*MediaFile {
	files := []*MediaFile{}
	for _, file := range s.conversation.Conversation.Media {
		if file.SegmentID == s.Segment.ID {
			files = append(files, &MediaFile{file, s.conversation.viewing})
		}
	}
	return files
}

// EmailSegment shows an e-mail thread.
type EmailSegment struct{ segment }

// Subject is nil where there is none.
func (s *EmailSegment) Subject() *string { return orNull(s.Title) }

// IsSubjectAnonymized reports whether the subject was overwritten.
func (s *EmailSegment) IsSubjectAnonymized() bool { return s.TitleAnonymized }

// AttachmentCount is how many attachments the e-mails had.
func (s *EmailSegment) AttachmentCount() int { return s.Attachments }

// ChatSegment shows a chat.
type ChatSegment struct{ segment }

// RoomName is nil where there is none.
func (s *ChatSegment) RoomName() *string { return orNull(s.Title) }

// IsRoomNameAnonymized reports whether the name of the room was overwritten.
func (s *ChatSegment) IsRoomNameAnonymized() bool { return s.TitleAnonymized }

// Segments are the calls, e-mail threads and chats, in order.
func (c *Conversation) Segments() []Segment {
	shown := make([]Segment, 0, len(c.Conversation.Segments))
	for i, reason := range c.Review() {
		shown = append(shown, showSegment(segment{c.Conversation.Segments[i], c, reason}))
	}
	return shown
}

func showSegment(shown segment) Segment {
	switch shown.Kind {
	case compliance.SegmentEmail:
		return &EmailSegment{shown}
	case compliance.SegmentChat:
		return &ChatSegment{shown}
	}
	return &CallSegment{shown}
}

// segment finds a segment of a conversation that the access covers, nil where there is none.
func (q query) segment(ctx context.Context, access db.Access, id int64) (Node, error) {
	row, err := q.store.ConversationOfSegment(ctx, access, id)
	if row == nil || err != nil {
		return nil, err
	}
	wanted := wantedRelations(ctx)
	wanted.Segments = true
	shown, err := q.showWith(ctx, []*conversation.Conversation{row}, wanted)
	if err != nil {
		return nil, err
	}
	for i, found := range shown[0].Segments() {
		if row.Segments[i].ID == id {
			return found, q.viewed(ctx, row.ID)
		}
	}
	return nil, nil
}

// Message shows one piece of text.
type Message struct {
	*conversation.Message
	author *conversation.Participant
}

// Author is the participant who wrote it, nil where that is not known.
func (m *Message) Author() *Participant {
	if m.author == nil {
		return nil
	}
	return &Participant{m.author}
}

// IsAnonymized reports whether the text was overwritten.
func (m *Message) IsAnonymized() bool { return m.TextAnonymized }
