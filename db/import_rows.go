package db

import (
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// rowsOf are the rows that are wanted for a vCon, with what stands for the urls of its recordings.
func (w *importation) rowsOf(in *conversation.Incoming, done *compliance.Selection) *Conversation {
	wanted := rowsOf(in, done, w.keys.ids)
	for _, segment := range wanted.Segments {
		for _, file := range segment.Wanted {
			file.Origin = w.store.originOf(file.SourceURL)
			if file.Status == compliance.MediaDeleted {
				file.SourceURL = ""
			}
		}
	}
	return wanted
}

// rowsOf turns a vCon into the rows that are wanted for it. What a conversation was anonymized with (done; nil where it never was) is applied to every
// value, so that nothing of an anonymized kind comes in by an import.
func rowsOf(in *conversation.Incoming, done *compliance.Selection, keys map[string]int) *Conversation {
	if done == nil {
		done = &compliance.Selection{}
	}
	c := &Conversation{
		Vcons:     []*Vcon{{UUID: in.UUID, StartedAt: in.StartedAt, EndedAt: in.EndedAt, Direction: in.Direction}},
		StartedAt: in.StartedAt, EndedAt: in.EndedAt, DurationMs: in.EndedAt.Sub(in.StartedAt).Milliseconds(), Direction: in.Direction,
		Participants: []*Participant{}, Segments: []*Segment{}, Metadata: []*Metadatum{}, Media: []*MediaFile{}, DoneKeys: []string{},
	}
	for i, p := range in.Participants {
		row := participantRow(i, p, done)
		row.VconUUID = in.UUID
		c.Participants = append(c.Participants, row)
	}
	for i, s := range in.Segments {
		row := segmentRow(i, s, done)
		row.VconUUID = in.UUID
		c.Segments = append(c.Segments, row)
	}
	for _, m := range in.Metadata {
		row := &Metadatum{VconUUID: in.UUID, KeyID: keys[m.Key], Key: m.Key}
		row.Value, row.ValueAnonymized = over(compliance.MetadataPlaceholder, m.Value, done.Key(m.Key))
		c.Metadata = append(c.Metadata, row)
	}
	return c
}

// over is the value that is stored: the placeholder where the kind of the value is anonymized.
func over(placeholder compliance.Placeholder, value string, covered bool) (stored string, anonymized bool) {
	if !covered {
		return value, false
	}
	return placeholder.Over(value)
}

func participantRow(position int, in conversation.IncomingParticipant, done *compliance.Selection) *Participant {
	row := &Participant{Position: position, Role: in.Role, Name: in.Name, UserID: in.UserID}
	row.PhoneNumber, row.PhoneNumberAnonymized = over(compliance.PhoneNumberPlaceholder, in.PhoneNumber, done.ParticipantPhoneNumber)
	row.DigitalAddress, row.DigitalAddressAnonymized = over(compliance.DigitalAddressPlaceholder, in.DigitalAddress, done.ParticipantDigitalAddress)
	return row
}

func segmentRow(position int, in conversation.IncomingSegment, done *compliance.Selection) *Segment {
	covered := done.Basic(in.Kind.Content())
	row := &Segment{
		Position: position, Kind: in.Kind, StartedAt: in.StartedAt, DurationMs: in.Duration.Milliseconds(), Attachments: in.Attachments, Messages: []*Message{},
	}
	title := in.Subject
	if in.Kind == compliance.SegmentChat {
		title = in.RoomName
	}
	row.Title, row.TitleAnonymized = over(compliance.ContentPlaceholder, title, covered)
	for i, m := range in.Messages {
		row.Messages = append(row.Messages, messageRow(i, m, covered))
	}
	for i, f := range in.Media {
		row.Wanted = append(row.Wanted, mediaRow(i, f))
	}
	return row
}

// mediaRow is a recording as its vCon has it. What an export says of its deletion and of its protection is taken over.
func mediaRow(position int, in conversation.IncomingMedia) *MediaFile {
	row := &MediaFile{
		Position: position, Kind: in.Kind, Status: compliance.MediaAvailable, MediaType: in.MediaType, StartedAt: orNil(in.StartedAt), DurationMs: in.Duration.Milliseconds(),
		SourceURL: in.URL, ContentHash: in.ContentHash, StoreKey: in.StoreKey, SizeBytes: in.Size, Known: in.Known,
		Hashes: append([]string{in.ContentHash}, in.Hashes...),
	}
	if in.Status == compliance.MediaDeleted {
		row.Status, row.StoreKey, row.SizeBytes = compliance.MediaDeleted, "", 0
	} else if in.Protection != nil {
		row.Protected, row.ProtectedUntil, row.ProtectedReason = true, orNil(in.Protection.Until), in.Protection.Reason
	}
	return row
}

func messageRow(position int, in conversation.IncomingMessage, covered bool) *Message {
	row := &Message{Position: position, Kind: in.Kind, SentAt: orNil(in.SentAt)}
	if in.Author != conversation.NoAuthor {
		row.AuthorPosition = &in.Author
	}
	row.Text, row.TextAnonymized = over(compliance.ContentPlaceholder, in.Text, covered)
	return row
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// principalsOf are those who see a conversation because they took part in it.
func (s *Store) principalsOf(in *conversation.Incoming) []string {
	found := map[string]bool{}
	for _, p := range in.Participants {
		if p.UserID != "" {
			found[UserPrincipal(p.UserID)] = true
		}
		if p.Email != "" {
			found[s.MailPrincipal(p.Email)] = true
		}
		for _, group := range p.Groups {
			found[GroupPrincipal(group)] = true
		}
	}
	return sortedKeys(found)
}
