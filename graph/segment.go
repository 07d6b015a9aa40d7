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
	// index is its place in the conversation.
	index int
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
func (s segment) IsAnonymized() bool { return s.ReviewabilityReason() == compliance.ReasonAnonymized }

// ReviewabilityReason is why it can, or can no longer, be reviewed.
func (s segment) ReviewabilityReason() compliance.Reason { return s.conversation.reasons()[s.index] }

// CallSegment shows a call.
type CallSegment struct{ segment }

// Media are the recordings of this call.
func (s *CallSegment) Media(first int) ([]*MediaFile, error) {
	files, err := upTo(first, s.media())
	return mapped(files, s.conversation.showFile), err
}

// MediaCount counts all of them.
func (s *CallSegment) MediaCount() int { return len(s.media()) }

func (s segment) media() []*conversation.MediaFile {
	var files []*conversation.MediaFile
	for _, file := range s.conversation.Conversation.Media {
		if file.SegmentID == s.Segment.ID {
			files = append(files, file)
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
func (c *Conversation) Segments(first int) ([]Segment, error) {
	segments, err := upTo(first, c.segments())
	return mapped(segments, showSegment), err
}

func (c *Conversation) segments() []segment {
	segments := make([]segment, len(c.Conversation.Segments))
	for i, one := range c.Conversation.Segments {
		segments[i] = c.showSegment(i, one)
	}
	return segments
}

func (c *Conversation) ofSegments() []*conversation.Segment { return c.Conversation.Segments }

func (c *Conversation) showSegment(index int, one *conversation.Segment) segment {
	return segment{one, c, index}
}

// reasons say of each segment why it can be reviewed, or no longer.
func (c *Conversation) reasons() []compliance.Reason {
	c.reviewing.Do(func() { c.reviews = c.Review() })
	return c.reviews
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
	want := q.want(ctx)
	want.Columns |= db.WithSegments
	want.OnlySegment = id
	row, err := q.store.ConversationOfSegment(ctx, access, id, want)
	if err != nil {
		return nil, err
	}
	shown, err := q.show(ctx, row, want)
	if err != nil || len(shown) == 0 {
		return nil, err
	}
	for _, found := range shown[0].segments() {
		if found.Segment.ID == id {
			return showSegment(found), q.viewed(ctx, found.ConversationID)
		}
	}
	return nil, nil
}
