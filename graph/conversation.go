package graph

import (
	"cmp"
	"slices"
	"sync"
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
	// reviews are made when they are first asked for.
	reviews   []compliance.Reason
	reviewing sync.Once
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
	shown, err := upTo(first, c.participants())
	return mapped(shown, func(p *conversation.Participant) *Participant { return &Participant{p} }), err
}

// ParticipantCount counts all of them.
func (c *Conversation) ParticipantCount() int { return len(c.participants()) }

// participants leaves out who is known to be in a further one of the vCons.
func (c *Conversation) participants() []*conversation.Participant {
	all := c.Conversation.Participants
	if len(all) == 0 || all[0].VconUUID == all[len(all)-1].VconUUID {
		return all
	}
	var once []*conversation.Participant
	for _, p := range all {
		if !slices.ContainsFunc(once, func(other *conversation.Participant) bool { return other.SamePerson(p) }) {
			once = append(once, p)
		}
	}
	return once
}

// Metadata is sorted by key.
func (c *Conversation) Metadata(first int) ([]*MetadataEntry, error) {
	shown, err := upTo(first, c.metadata())
	return mapped(shown, func(m *conversation.Metadatum) *MetadataEntry {
		return &MetadataEntry{Key: m.Key, Value: m.Value, IsAnonymized: m.ValueAnonymized}
	}), err
}

// MetadataCount counts all entries.
func (c *Conversation) MetadataCount() int { return len(c.metadata()) }

// metadata leaves out a value that a further vCon has.
func (c *Conversation) metadata() []*conversation.Metadatum {
	all := c.Conversation.Metadata
	repeats := false
	for i := 1; i < len(all) && !repeats; i++ {
		repeats = all[i].Key == all[i-1].Key
	}
	if !repeats {
		return all
	}
	var once []*conversation.Metadatum
	for _, m := range all {
		if !slices.ContainsFunc(once, func(other *conversation.Metadatum) bool {
			return other.Key == m.Key && other.Value == m.Value && other.ValueAnonymized == m.ValueAnonymized
		}) {
			once = append(once, m)
		}
	}
	return once
}

// Media are its files.
func (c *Conversation) Media(first int) ([]*MediaFile, error) {
	files, err := upTo(first, c.Conversation.Media)
	return mapped(files, c.showFile), err
}

func (c *Conversation) files() []*conversation.MediaFile { return c.Conversation.Media }

func (c *Conversation) showFile(file *conversation.MediaFile) *MediaFile {
	return &MediaFile{file, c.viewing}
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

// DigitalAddress is nil where there is none.
func (p *Participant) DigitalAddress() *string { return orNull(p.address()) }

// address joins the addresses with and without a phone number in them; placeholders for both are shown once. It is
// empty where there is none.
func (p Participant) address() string {
	address, withNumber := p.Participant.DigitalAddress, p.Participant.PhoneAddress
	areBoth := p.Participant.DigitalAddressAnonymized && p.PhoneAddressAnonymized
	if address == "" || withNumber == "" || areBoth {
		return cmp.Or(address, withNumber)
	}
	return address + ", " + withNumber
}

// IsPhoneNumberAnonymized reports whether the phone number was overwritten.
func (p *Participant) IsPhoneNumberAnonymized() bool { return p.PhoneNumberAnonymized }

// IsDigitalAddressAnonymized reports whether any of the addresses was overwritten.
func (p *Participant) IsDigitalAddressAnonymized() bool {
	return p.Participant.DigitalAddressAnonymized || p.PhoneAddressAnonymized
}
