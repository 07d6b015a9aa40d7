package db

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// split takes a conversation apart into its vCons: what each brought, with the state that all of them share. The rows are those of the conversation.
func (c *Conversation) split() map[uuid.UUID]*Conversation {
	parts := map[uuid.UUID]*Conversation{}
	for _, v := range c.Vcons {
		parts[v.UUID] = c.part(v)
	}
	for _, p := range c.Participants {
		parts[p.VconUUID].Participants = append(parts[p.VconUUID].Participants, p)
	}
	for _, m := range c.Metadata {
		parts[m.VconUUID].Metadata = append(parts[m.VconUUID].Metadata, m)
	}
	bySegment := map[int64]*Conversation{}
	for _, s := range c.Segments {
		bySegment[s.ID] = parts[s.VconUUID]
		parts[s.VconUUID].Segments = append(parts[s.VconUUID].Segments, s)
	}
	for _, f := range c.Media {
		bySegment[f.SegmentID].Media = append(bySegment[f.SegmentID].Media, f)
	}
	return parts
}

// part is an empty conversation with the state of c and the times of one of its vCons, nil for one that is new.
func (c *Conversation) part(v *Vcon) *Conversation {
	part := &Conversation{ID: c.ID, ImportedAt: c.ImportedAt, AnonymizedAt: c.AnonymizedAt, SettingsVersion: c.SettingsVersion, DoneKeys: []string{}}
	if done := c.Done(); done != nil {
		part.setDone(*done)
	}
	if v != nil {
		part.Vcons, part.StartedAt, part.EndedAt, part.Direction = []*Vcon{v}, v.StartedAt, v.EndedAt, v.Direction
		part.DurationMs = v.EndedAt.Sub(v.StartedAt).Milliseconds()
	}
	return part
}

// combine puts vCons together to one conversation: segments in order of time, from the first beginning to the last end. Of two that begin at the same
// time the one with the smaller uuid comes first, so that the order of import decides nothing. Moved are the stored segments whose place is another one now.
func combine(base *Conversation, parts map[uuid.UUID]*Conversation) (c *Conversation, moved []*Segment) {
	c = base.part(nil)
	for _, part := range slices.SortedFunc(maps.Values(parts), inTime) {
		c.Vcons = append(c.Vcons, part.Vcons...)
		c.Segments, c.Media = append(c.Segments, part.Segments...), append(c.Media, part.Media...)
		if c.StartedAt.IsZero() || part.StartedAt.Before(c.StartedAt) {
			c.StartedAt = part.StartedAt
		}
		if part.EndedAt.After(c.EndedAt) {
			c.EndedAt = part.EndedAt
		}
		c.Direction = cmp.Or(c.Direction, part.Direction)
	}
	slices.SortStableFunc(c.Segments, func(a, b *Segment) int { return a.StartedAt.Compare(b.StartedAt) })
	for i, segment := range c.Segments {
		if segment.Position != i && segment.ID != 0 {
			moved = append(moved, segment)
		}
		segment.Position = i
	}
	c.DurationMs = c.EndedAt.Sub(c.StartedAt).Milliseconds()
	c.derive()
	return c, moved
}

func inTime(a, b *Conversation) int {
	return cmp.Or(a.StartedAt.Compare(b.StartedAt), bytes.Compare(a.Vcons[0].UUID[:], b.Vcons[0].UUID[:]))
}
