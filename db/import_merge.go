package db

import (
	"maps"
	"slices"
	"time"

	"qm-compliance/compliance"
)

// merge gives the wanted rows of a vCon what stays of the stored ones (design, section 5, "Reimport"): their ids, the placeholders of values that the
// new file leaves empty, and the state of media.
func merge(stored, wanted *Conversation, now time.Time) error {
	wanted.ID, wanted.ImportedAt = stored.ID, stored.ImportedAt
	wanted.AnonymizedAt, wanted.SettingsVersion = stored.AnonymizedAt, stored.SettingsVersion
	if done := stored.Done(); done != nil {
		wanted.setDone(*done)
	}
	mergeParticipants(stored, wanted)
	mergeMetadata(stored, wanted)
	left := mergeSegments(stored, wanted)
	if err := mergeMedia(stored, wanted, left, now); err != nil {
		return err
	}
	slices.SortStableFunc(wanted.Segments, func(a, b *Segment) int { return a.StartedAt.Compare(b.StartedAt) })
	return nil
}

func mergeParticipants(stored, wanted *Conversation) {
	for i, p := range wanted.Participants {
		p.ConversationID = wanted.ID
		if i >= len(stored.Participants) {
			continue
		}
		before := stored.Participants[i]
		keepPlaceholder(&p.PhoneNumber, &p.PhoneNumberAnonymized, before.PhoneNumber, before.PhoneNumberAnonymized)
		keepPlaceholder(&p.DigitalAddress, &p.DigitalAddressAnonymized, before.DigitalAddress, before.DigitalAddressAnonymized)
	}
}

// keepPlaceholder keeps what was anonymized where the new file has nothing in its place.
func keepPlaceholder(value *string, anonymized *bool, before string, was bool) {
	if was {
		*value, *anonymized = before, true
	}
}

func mergeMetadata(stored, wanted *Conversation) {
	there := map[int]bool{}
	for _, m := range wanted.Metadata {
		m.ConversationID, there[m.KeyID] = wanted.ID, true
	}
	for _, before := range stored.Metadata {
		if before.ValueAnonymized && !there[before.KeyID] {
			wanted.Metadata = append(wanted.Metadata, before)
		}
	}
}

// mergeSegments finds each wanted segment among the stored ones by its kind and its number among those of its kind. It returns those that the new
// file has no longer.
func mergeSegments(stored, wanted *Conversation) (left []*Segment) {
	byPlace, number := map[segmentPlace]*Segment{}, map[compliance.SegmentKind]int{}
	for _, s := range stored.Segments {
		byPlace[segmentPlace{s.Kind, number[s.Kind]}] = s
		number[s.Kind]++
	}
	number = map[compliance.SegmentKind]int{}
	for _, s := range wanted.Segments {
		place := segmentPlace{s.Kind, number[s.Kind]}
		number[s.Kind]++
		s.ConversationID = wanted.ID
		if before := byPlace[place]; before != nil {
			delete(byPlace, place)
			s.ID = before.ID
			keepPlaceholder(&s.Title, &s.TitleAnonymized, before.Title, before.TitleAnonymized)
		}
	}
	remaining := slices.Collect(maps.Values(byPlace))
	return slices.DeleteFunc(slices.Clone(stored.Segments), func(s *Segment) bool { return !slices.Contains(remaining, s) })
}

type segmentPlace struct {
	kind   compliance.SegmentKind
	number int
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
