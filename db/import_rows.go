package db

import (
	"time"

	"qm-compliance/compliance"
	"qm-compliance/vcon"
)

// rowsOf turns a vCon into the rows that are wanted for it. What a conversation was anonymized with (done; nil where it never was) is applied to every
// value, so that nothing of an anonymized kind comes in by an import.
func rowsOf(in *vcon.Conversation, done *compliance.Selection, keys map[string]int) *Conversation {
	if done == nil {
		done = &compliance.Selection{}
	}
	c := &Conversation{
		VconUUID: in.UUID, StartedAt: in.StartedAt, EndedAt: in.EndedAt, DurationMs: in.EndedAt.Sub(in.StartedAt).Milliseconds(), Direction: in.Direction,
		Participants: []*Participant{}, Segments: []*Segment{}, Metadata: []*Metadatum{}, Media: []*MediaFile{}, DoneKeys: []string{},
	}
	for i, p := range in.Participants {
		c.Participants = append(c.Participants, participantRow(i, p, done))
	}
	for i, s := range in.Segments {
		c.Segments = append(c.Segments, segmentRow(i, s, done))
	}
	for _, m := range in.Metadata {
		row := &Metadatum{KeyID: keys[m.Key], Key: m.Key}
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

func participantRow(position int, in vcon.Participant, done *compliance.Selection) *Participant {
	row := &Participant{Position: position, Role: in.Role, Name: in.Name, UserID: in.UserID}
	row.PhoneNumber, row.PhoneNumberAnonymized = over(compliance.PhoneNumberPlaceholder, in.PhoneNumber, done.ParticipantPhoneNumber)
	row.DigitalAddress, row.DigitalAddressAnonymized = over(compliance.DigitalAddressPlaceholder, in.DigitalAddress, done.ParticipantDigitalAddress)
	return row
}

func segmentRow(position int, in vcon.Segment, done *compliance.Selection) *Segment {
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
		row.Wanted = append(row.Wanted, &MediaFile{
			Position: i, Kind: f.Kind, Status: compliance.MediaAvailable, MediaType: f.MediaType, DurationMs: f.Duration.Milliseconds(),
			SourceURL: f.URL, ContentHash: f.ContentHash,
		})
	}
	return row
}

func messageRow(position int, in vcon.Message, covered bool) *Message {
	row := &Message{Position: position, Kind: in.Kind, SentAt: orNil(in.SentAt)}
	if in.Author != vcon.NoAuthor {
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
func (s *Store) principalsOf(in *vcon.Conversation) []string {
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
