package graph

import (
	"cmp"
	"slices"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Conversation shows a stored conversation, whose relations must be loaded as far as they are selected.
// It belongs to one answer.
type Conversation struct {
	*conversation.Conversation
	viewing
	// messages are the pages of messages that are selected.
	messages messagePages
}

// viewing is what the same stored thing shows differently, by who looks at it and when.
type viewing struct {
	now time.Time
	// link makes a link to play a file.
	link func(fileID int64) string
	// history loads the histories of the conversations that are shown together.
	history *historyBatch
}

// IsNode makes a conversation findable by its global id.
func (*Conversation) IsNode() {}

// ID is the global id.
func (c *Conversation) ID() string {
	return globalID{Kind: kindConversation, Number: c.Conversation.ID}.String()
}

// DurationSeconds is the length in seconds.
func (c *Conversation) DurationSeconds() float64 { return seconds(c.DurationMs) }

// Direction is nil where it is not known.
func (c *Conversation) Direction() *compliance.Direction { return orNull(c.Conversation.Direction) }

// Participants are those who took part, in the order of the vCons.
func (c *Conversation) Participants(first int) ([]*Participant, error) {
	return upTo(first, c.participants())
}

// ParticipantCount counts all of them.
func (c *Conversation) ParticipantCount() int { return len(c.participants()) }

// participants shows somebody who is known to be in several of the vCons once.
func (c *Conversation) participants() []*Participant {
	shown := []*Participant{}
	for _, p := range c.Conversation.Participants {
		if !slices.ContainsFunc(shown, func(other *Participant) bool { return other.Participant.SamePerson(p) }) {
			shown = append(shown, &Participant{p})
		}
	}
	return shown
}

// Metadata is sorted by key.
func (c *Conversation) Metadata(first int) ([]*MetadataEntry, error) {
	return upTo(first, c.metadata())
}

// MetadataCount counts all entries.
func (c *Conversation) MetadataCount() int { return len(c.metadata()) }

// metadata shows a value that several vCons have once.
func (c *Conversation) metadata() []*MetadataEntry {
	shown := []*MetadataEntry{}
	for _, m := range c.Conversation.Metadata {
		entry := &MetadataEntry{Key: m.Key, Value: m.Value, IsAnonymized: m.ValueAnonymized}
		if !slices.ContainsFunc(shown, func(other *MetadataEntry) bool { return *other == *entry }) {
			shown = append(shown, entry)
		}
	}
	return shown
}

// Media are its files.
func (c *Conversation) Media(first int) ([]*MediaFile, error) {
	files, err := upTo(first, c.Conversation.Media)
	return mapped(files, func(f *conversation.MediaFile) *MediaFile { return &MediaFile{f, c.viewing} }), err
}

// MediaCount counts all its files.
func (c *Conversation) MediaCount() int { return len(c.Conversation.Media) }

// ProtectedMediaCount counts the files that are protected.
func (c *Conversation) ProtectedMediaCount() int {
	count := 0
	for _, file := range c.Conversation.Media {
		if file.Protected && file.Status != compliance.MediaDeleted {
			count++
		}
	}
	return count
}

// Vcons are the uuids of the vCons that it is made of.
func (c *Conversation) Vcons(first int) ([]string, error) {
	vcons, err := upTo(first, c.Conversation.Vcons)
	return mapped(vcons, func(v *conversation.Vcon) string { return v.UUID.String() }), err
}

// VconCount counts all of them.
func (c *Conversation) VconCount() int { return len(c.Conversation.Vcons) }

// IsReviewable reports whether it can still be reviewed.
func (c *Conversation) IsReviewable() bool { return c.Reviewable }

// Anonymization is nil where the conversation was never anonymized.
func (c *Conversation) Anonymization() *Anonymization {
	done := c.Done()
	if done == nil {
		return nil
	}
	return &Anonymization{AnonymizedAt: *c.AnonymizedAt, SettingsVersion: *c.Conversation.SettingsVersion,
		BasicData: basicData(*done), keys: done.Keys}
}

// Anonymization shows when a conversation was anonymized last, and everything that was on whenever it was.
type Anonymization struct {
	AnonymizedAt    time.Time
	SettingsVersion int
	BasicData       *BasicData
	keys            []string
}

// MetadataKeys are the keys that were on, sorted.
func (a *Anonymization) MetadataKeys(first int) ([]string, error) { return upTo(first, a.keys) }

// MetadataKeyCount counts all of them.
func (a *Anonymization) MetadataKeyCount() int { return len(a.keys) }

// Participant shows somebody in a conversation.
type Participant struct{ *conversation.Participant }

// Name is nil where it is not known.
func (p *Participant) Name() *string { return orNull(p.Participant.Name) }

// PhoneNumber is nil where there is none.
func (p *Participant) PhoneNumber() *string { return orNull(p.Participant.PhoneNumber) }

// DigitalAddress joins the addresses with and without a phone number in them; placeholders for both are shown
// once. It is nil where there is none.
func (p *Participant) DigitalAddress() *string {
	address, withNumber := p.Participant.DigitalAddress, p.Participant.PhoneAddress
	areBoth := p.Participant.DigitalAddressAnonymized && p.PhoneAddressAnonymized
	if address == "" || withNumber == "" || areBoth {
		return orNull(cmp.Or(address, withNumber))
	}
	return orNull(address + ", " + withNumber)
}

// IsPhoneNumberAnonymized reports whether the phone number was overwritten.
func (p *Participant) IsPhoneNumberAnonymized() bool { return p.PhoneNumberAnonymized }

// IsDigitalAddressAnonymized reports whether any of the addresses was overwritten.
func (p *Participant) IsDigitalAddressAnonymized() bool {
	return p.Participant.DigitalAddressAnonymized || p.PhoneAddressAnonymized
}
