package conversation

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// Part is what one vCon has brought to its conversation.
type Part struct {
	Vcon         *Vcon
	Participants []*Participant
	Segments     []PartSegment
	Metadata     []*Metadatum
	// Principals are those who see the conversation because of this vCon, sorted.
	Principals []string
}

// PartSegment is a segment with its files, in the order of their positions.
type PartSegment struct {
	*Segment
	Files []*MediaFile
}

// Files returns the files of all segments.
func (p *Part) Files() []*MediaFile {
	var files []*MediaFile
	for _, segment := range p.Segments {
		files = append(files, segment.Files...)
	}
	return files
}

// parts takes a conversation apart into what its vCons have brought; the rows are those of the conversation.
// All but Vcons, Segments and Media may be loaded for some vCons only.
func (c *Conversation) parts() map[uuid.UUID]*Part {
	parts := map[uuid.UUID]*Part{}
	for _, v := range c.Vcons {
		parts[v.UUID] = &Part{Vcon: v}
	}
	for _, p := range c.Participants {
		parts[p.VconUUID].Participants = append(parts[p.VconUUID].Participants, p)
	}
	for _, m := range c.Metadata {
		parts[m.VconUUID].Metadata = append(parts[m.VconUUID].Metadata, m)
	}
	files := map[int64][]*MediaFile{}
	for _, f := range c.Media {
		files[f.SegmentID] = append(files[f.SegmentID], f)
	}
	for _, s := range c.Segments {
		parts[s.VconUUID].Segments = append(parts[s.VconUUID].Segments, PartSegment{s, files[s.ID]})
	}
	return parts
}

// combine puts parts together to one conversation, which keeps the state of base: segments in order of time,
// from the first beginning to the last end. Of two that begin at the same time the one with the smaller uuid
// comes first, so that the order of import decides nothing. It sets the positions of the segments.
func combine(base *Conversation, parts map[uuid.UUID]*Part) *Conversation {
	c := *base
	c.Vcons, c.Participants, c.Segments, c.Metadata, c.Media = nil, nil, nil, nil, nil
	c.StartedAt, c.EndedAt, c.Direction = time.Time{}, time.Time{}, ""
	for _, part := range slices.SortedFunc(maps.Values(parts), inTime) {
		c.Vcons = append(c.Vcons, part.Vcon)
		for _, segment := range part.Segments {
			c.Segments, c.Media = append(c.Segments, segment.Segment), append(c.Media, segment.Files...)
		}
		if c.StartedAt.IsZero() || part.Vcon.StartedAt.Before(c.StartedAt) {
			c.StartedAt = part.Vcon.StartedAt
		}
		if part.Vcon.EndedAt.After(c.EndedAt) {
			c.EndedAt = part.Vcon.EndedAt
		}
		c.Direction = cmp.Or(c.Direction, part.Vcon.Direction)
	}
	slices.SortStableFunc(c.Segments, func(a, b *Segment) int { return a.StartedAt.Compare(b.StartedAt) })
	for i, segment := range c.Segments {
		segment.Position = i
	}
	c.DurationMs = c.EndedAt.Sub(c.StartedAt).Milliseconds()
	c.Derive()
	return &c
}

func inTime(a, b *Part) int {
	return cmp.Or(a.Vcon.StartedAt.Compare(b.Vcon.StartedAt), bytes.Compare(a.Vcon.UUID[:], b.Vcon.UUID[:]))
}

// same reports whether an import wants nothing of a vCon but what is stored.
func (p *Part) same(other *Part) bool {
	return p.Vcon.StartedAt.Equal(other.Vcon.StartedAt) && p.Vcon.EndedAt.Equal(other.Vcon.EndedAt) &&
		p.Vcon.Direction == other.Vcon.Direction &&
		slices.EqualFunc(p.Participants, other.Participants, samePlain) &&
		slices.EqualFunc(p.byKey(), other.byKey(), samePlain) &&
		slices.EqualFunc(p.Segments, other.Segments, sameSegment) &&
		slices.EqualFunc(p.byID(), other.byID(), sameFile) &&
		slices.Equal(p.Principals, other.Principals)
}

// samePlain compares rows that hold nothing but plain values.
func samePlain[T comparable](a, b *T) bool { return *a == *b }

// sameSegment leaves out the place in the conversation, which follows from the order, and the files.
func sameSegment(a, b PartSegment) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.StartedAt.Equal(b.StartedAt) && a.DurationMs == b.DurationMs &&
		a.Title == b.Title && a.TitleAnonymized == b.TitleAnonymized && a.Attachments == b.Attachments &&
		slices.EqualFunc(a.Messages, b.Messages, sameMessage)
}

// sameMessage leaves out which segment a message is in: it is compared within its segment.
func sameMessage(a, b *Message) bool {
	sameAuthor := func(a, b int) bool { return a == b }
	return a.Position == b.Position && a.Kind == b.Kind && a.Mixed == b.Mixed &&
		a.Text == b.Text && a.TextAnonymized == b.TextAnonymized &&
		samePointer(a.AuthorPosition, b.AuthorPosition, sameAuthor) && sameTime(a.SentAt, b.SentAt)
}

func sameFile(a, b *MediaFile) bool {
	plain := func(f *MediaFile) MediaFile {
		plain := *f
		plain.StartedAt, plain.PlannedAt, plain.DeletingAt, plain.ProtectedUntil = nil, nil, nil, nil
		plain.SegmentPosition = 0 // follows from the segment
		return plain
	}
	return plain(a) == plain(b) && sameTime(a.StartedAt, b.StartedAt) && sameTime(a.PlannedAt, b.PlannedAt) &&
		sameTime(a.DeletingAt, b.DeletingAt) && sameTime(a.ProtectedUntil, b.ProtectedUntil)
}

func (p *Part) byKey() []*Metadatum {
	byKey := func(a, b *Metadatum) int { return cmp.Compare(a.KeyID, b.KeyID) }
	return slices.SortedFunc(slices.Values(p.Metadata), byKey)
}

func (p *Part) byID() []*MediaFile {
	byID := func(a, b *MediaFile) int { return cmp.Compare(a.ID, b.ID) }
	return slices.SortedFunc(slices.Values(p.Files()), byID)
}

// Outgoing returns the conversation as the vCons that it is made of, in their order: the reverse of an
// import. The values are as they are stored; recordings have their StoreKey and no body. Groups names the
// groups that see each vCon. Everything must be loaded.
func (c *Conversation) Outgoing(groups map[uuid.UUID][]string) []*Incoming {
	parts := c.parts()
	var out []*Incoming
	for _, v := range c.Vcons {
		one := parts[v.UUID].outgoing(groups[v.UUID])
		one.Versions = c.versionsOf(v.UUID)
		if done := c.Done(); done != nil {
			one.Anonymization = &IncomingAnonymization{
				At: *c.AnonymizedAt, SettingsVersion: *c.SettingsVersion, Selection: *done,
			}
		}
		if c.Done() != nil {
			one.dropNotes()
		}
		out = append(out, one)
	}
	return out
}

// dropNotes leaves the notes of protections out of an anonymized conversation: somebody may have written one
// since it was anonymized, and no free text goes with a redacted vCon.
func (in *Incoming) dropNotes() {
	for _, segment := range in.Segments {
		for _, file := range segment.Media {
			if file.Protection != nil {
				file.Protection.Note = ""
			}
		}
	}
}

// outgoing names the groups with the first agent or supervisor.
func (p *Part) outgoing(groups []string) *Incoming {
	out := &Incoming{
		UUID: p.Vcon.UUID, StartedAt: p.Vcon.StartedAt, EndedAt: p.Vcon.EndedAt, Direction: p.Vcon.Direction,
		Signature: Unsigned,
	}
	for _, row := range p.Participants {
		participant := IncomingParticipant{
			Role: row.Role, Name: row.Name, PhoneNumber: row.PhoneNumber, DigitalAddress: row.DigitalAddress,
			PhoneAddress: row.PhoneAddress, UserID: row.UserID,
		}
		if row.Role == compliance.RoleAgent || row.Role == compliance.RoleSupervisor {
			participant.Groups, groups = groups, nil
		}
		out.Participants = append(out.Participants, participant)
	}
	for _, segment := range p.Segments {
		out.Segments = append(out.Segments, segment.outgoing())
	}
	for _, m := range p.Metadata {
		out.Metadata = append(out.Metadata, IncomingMetadatum{Key: m.Key, Value: m.Value})
	}
	return out
}

func (s PartSegment) outgoing() IncomingSegment {
	out := IncomingSegment{
		Kind: s.Kind, StartedAt: s.StartedAt, Duration: milliseconds(s.DurationMs), Attachments: s.Attachments,
	}
	switch s.Kind {
	case compliance.SegmentEmail:
		out.Subject = s.Title
	case compliance.SegmentChat:
		out.RoomName = s.Title
	}
	for _, m := range s.Messages {
		message := IncomingMessage{
			Kind: m.Kind, Author: NoAuthor, Text: m.Text, SentAt: orZero(m.SentAt), Mixed: m.Mixed,
		}
		if m.AuthorPosition != nil {
			message.Author = *m.AuthorPosition
		}
		out.Messages = append(out.Messages, message)
	}
	for _, f := range s.Files {
		out.Media = append(out.Media, f.outgoing())
	}
	return out
}

func (f *MediaFile) outgoing() IncomingMedia {
	out := IncomingMedia{
		Kind: f.Kind, MediaType: f.MediaType, StartedAt: orZero(f.StartedAt), Duration: milliseconds(f.DurationMs),
		URL:         f.SourceURL,
		ContentHash: f.ContentHash, Status: f.Status, StoreKey: f.StoreKey, Size: f.SizeBytes,
	}
	out.Elsewhere = f.Status == compliance.MediaAvailable && f.StoreKey == "" && f.SourceURL == ""
	if f.Protected {
		out.Protection = &IncomingProtection{
			Reason: f.ProtectionReason, Note: f.ProtectionNote, Until: orZero(f.ProtectedUntil),
		}
	}
	return out
}

func milliseconds(count int64) time.Duration { return time.Duration(count) * time.Millisecond }

func orZero(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// SetConversation lets all rows of the part belong to a conversation, whose id is not known before it is
// inserted.
func (p *Part) SetConversation(id int64) {
	p.Vcon.ConversationID = id
	for _, row := range p.Participants {
		row.ConversationID = id
	}
	for _, row := range p.Metadata {
		row.ConversationID = id
	}
	for _, segment := range p.Segments {
		segment.ConversationID = id
		for _, message := range segment.Messages {
			message.ConversationID = id
		}
		for _, file := range segment.Files {
			file.ConversationID = id
		}
	}
}

// SetSegments lets messages and files belong to their segments, whose ids are not known before they are
// inserted.
func (p *Part) SetSegments() {
	for _, segment := range p.Segments {
		for _, message := range segment.Messages {
			message.SegmentID = segment.ID
		}
		for _, file := range segment.Files {
			file.SegmentID, file.SegmentPosition = segment.ID, segment.Position
		}
	}
}
