package graph

import (
	"time"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// Conversation shows a stored conversation, whose relations must be loaded as far as they are selected. It belongs to one answer.
type Conversation struct {
	*db.Conversation
	now time.Time
}

// IsNode makes a conversation findable by its global id.
func (*Conversation) IsNode() {}

// ID is the global id.
func (c *Conversation) ID() string { return globalID{kindConversation, c.Conversation.ID}.String() }

// DurationSeconds is the length in seconds.
func (c *Conversation) DurationSeconds() float64 { return seconds(c.DurationMs) }

// Direction is nil where it is not known.
func (c *Conversation) Direction() *compliance.Direction { return orNull(c.Conversation.Direction) }

// Participants are those who took part, in the order of the vCon.
func (c *Conversation) Participants() []*Participant {
	return mapped(c.Conversation.Participants, func(p *db.Participant) *Participant { return &Participant{p} })
}

// Metadata is sorted by key.
func (c *Conversation) Metadata() []*MetadataEntry {
	return mapped(c.Conversation.Metadata, func(m *db.Metadatum) *MetadataEntry {
		return &MetadataEntry{Key: m.Key, Value: m.Value, Anonymized: m.ValueAnonymized}
	})
}

// Media are all its files.
func (c *Conversation) Media() []*MediaFile {
	return mapped(c.Conversation.Media, func(f *db.MediaFile) *MediaFile { return &MediaFile{f, c.now} })
}

// Reviewability says why it can be reviewed or not, segment by segment.
func (c *Conversation) Reviewability() *Reviewability {
	review := &Reviewability{Reviewable: c.Reviewable, Segments: []*SegmentReviewability{}}
	for i, reason := range c.Review() {
		review.Segments = append(review.Segments, &SegmentReviewability{
			ID: globalID{kindSegment, c.Conversation.Segments[i].ID}.String(), Anonymized: reason == compliance.ReasonAnonymized, Reason: reason,
		})
	}
	return review
}

// Anonymization is nil where the conversation was never anonymized.
func (c *Conversation) Anonymization() *Anonymization {
	done := c.Done()
	if done == nil {
		return nil
	}
	return &Anonymization{At: *c.AnonymizedAt, SettingsVersion: *c.Conversation.SettingsVersion, BasicData: basicData(*done), MetadataKeys: done.Keys}
}

// Participant shows somebody in a conversation.
type Participant struct{ *db.Participant }

// Name is nil where it is not known.
func (p *Participant) Name() *string { return orNull(p.Participant.Name) }

// PhoneNumber is nil where there is none.
func (p *Participant) PhoneNumber() *string { return orNull(p.Participant.PhoneNumber) }

// DigitalAddress is nil where there is none.
func (p *Participant) DigitalAddress() *string { return orNull(p.Participant.DigitalAddress) }

// MediaFile shows one recording.
type MediaFile struct {
	*db.MediaFile
	now time.Time
}

// ID is the global id.
func (f *MediaFile) ID() string { return globalID{kindMediaFile, f.MediaFile.ID}.String() }

// MediaType is nil where it is not known.
func (f *MediaFile) MediaType() *string { return orNull(f.MediaFile.MediaType) }

// DurationSeconds is the length in seconds.
func (f *MediaFile) DurationSeconds() float64 { return seconds(f.DurationMs) }

// PlaybackURL is where the recording lies, nil once it is deleted or where it lies nowhere.
func (f *MediaFile) PlaybackURL() *string {
	if f.Status == compliance.MediaDeleted {
		return nil
	}
	return orNull(f.SourceURL)
}

// Protected reports whether MiFID protection holds now.
func (f *MediaFile) Protected() bool { return f.ProtectedAt(f.now) }

// ProtectedUntil is nil where the file is not protected, or without an end.
func (f *MediaFile) ProtectedUntil() *time.Time {
	if !f.Protected() {
		return nil
	}
	return f.MediaFile.ProtectedUntil
}
