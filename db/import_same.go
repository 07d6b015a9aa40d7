package db

import (
	"reflect"
	"slices"
	"time"
)

// same reports whether an import wants nothing of a vCon but what is stored.
func same(stored, wanted *Conversation) bool {
	return sameConversation(stored, wanted) && sameRows(stored.Participants, wanted.Participants) && sameRows(metadataOf(stored), metadataOf(wanted)) &&
		sameSegments(stored.Segments, wanted.Segments) && sameRows(filesByID(stored), filesByID(wanted))
}

func sameConversation(a, b *Conversation) bool {
	return a.StartedAt.Equal(b.StartedAt) && a.EndedAt.Equal(b.EndedAt) && a.DurationMs == b.DurationMs && a.Direction == b.Direction
}

// sameSegments leaves out the place in the conversation, which follows from the order.
func sameSegments(a, b []*Segment) bool {
	return slices.EqualFunc(a, b, func(a, b *Segment) bool {
		return a.ID == b.ID && a.Kind == b.Kind && a.StartedAt.Equal(b.StartedAt) && a.DurationMs == b.DurationMs &&
			a.Title == b.Title && a.TitleAnonymized == b.TitleAnonymized && a.Attachments == b.Attachments && slices.EqualFunc(a.Messages, b.Messages, sameMessage)
	})
}

// sameMessage leaves out which segment a message is in: it is compared within its segment.
func sameMessage(a, b *Message) bool {
	return a.Position == b.Position && a.Kind == b.Kind && a.Text == b.Text && a.TextAnonymized == b.TextAnonymized &&
		samePointer(a.AuthorPosition, b.AuthorPosition, func(a, b int) bool { return a == b }) && samePointer(a.SentAt, b.SentAt, time.Time.Equal)
}

func samePointer[T any](a, b *T, equal func(a, b T) bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(*a, *b)
}

// sameRows compares rows that hold nothing but plain values and pointers to them.
func sameRows[T any](a, b []*T) bool {
	return slices.EqualFunc(a, b, func(a, b *T) bool { return reflect.DeepEqual(a, b) })
}

func metadataOf(c *Conversation) []*Metadatum {
	rows := slices.Clone(c.Metadata)
	slices.SortFunc(rows, func(a, b *Metadatum) int { return a.KeyID - b.KeyID })
	return rows
}

func filesByID(c *Conversation) []*MediaFile {
	rows := slices.Clone(c.Media)
	slices.SortFunc(rows, func(a, b *MediaFile) int { return int(a.ID - b.ID) })
	return rows
}
