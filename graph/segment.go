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

// CallSegment shows a call.
type CallSegment struct{ segment }

// Media are the recordings of this call.
func (s *CallSegment) Media(first int) ([]*MediaFile, error) { return upTo(first, s.media()) }

// MediaCount counts all of them.
func (s *CallSegment) MediaCount() int { return len(s.media()) }

func (s *CallSegment) media() []*MediaFile {
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
func (c *Conversation) Segments(first int) ([]Segment, error) { return upTo(first, c.segments()) }

func (c *Conversation) segments() []Segment {
	reasons := c.Review()
	shown := make([]Segment, 0, len(reasons))
	for i, reason := range reasons {
		shown = append(shown, showSegment(segment{c.Conversation.Segments[i], c, reason}))
	}
	return shown
}

// SegmentCount counts all of them.
func (c *Conversation) SegmentCount() int { return len(c.Conversation.Segments) }

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
	shown, err := q.showWith(ctx, []*conversation.Conversation{row}, wanted, id)
	if err != nil {
		return nil, err
	}
	for i, found := range shown[0].segments() {
		if row.Segments[i].ID == id {
			return found, q.viewed(ctx, row.ID)
		}
	}
	return nil, nil
}
