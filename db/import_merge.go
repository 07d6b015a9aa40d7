package db

import (
	"maps"
	"slices"
	"time"

	"qm-compliance/compliance"
)

// merge gives the wanted rows what stays of the stored ones (design, section 5, "Reimport"): their ids, the placeholders of values that the new file leaves
// empty, and the state of media. It returns the files that are planned for deletion because they are new to a conversation whose media was anonymized.
func merge(stored, wanted *Conversation, now time.Time) (planned []*MediaFile) {
	wanted.ID, wanted.ImportedAt = stored.ID, stored.ImportedAt
	wanted.AnonymizedAt, wanted.SettingsVersion = stored.AnonymizedAt, stored.SettingsVersion
	if done := stored.Done(); done != nil {
		wanted.setDone(*done)
	}
	mergeParticipants(stored, wanted)
	mergeMetadata(stored, wanted)
	mergeSegments(stored, wanted, now)
	for _, file := range wanted.Media {
		if file.ID == 0 && file.Status == compliance.MediaPlanned {
			planned = append(planned, file)
		}
	}
	return planned
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

// mergeSegments finds each wanted segment among the stored ones by its kind and its number among those of its kind. A stored segment that the new file no
// longer has stays only for the sake of media that must not vanish.
func mergeSegments(stored, wanted *Conversation, now time.Time) {
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
		before := byPlace[place]
		delete(byPlace, place)
		if before != nil {
			s.ID = before.ID
			keepPlaceholder(&s.Title, &s.TitleAnonymized, before.Title, before.TitleAnonymized)
		}
		mergeMedia(stored, wanted, s, now)
	}
	keepSegments(stored, wanted, byPlace, now)
}

type segmentPlace struct {
	kind   compliance.SegmentKind
	number int
}

func keepSegments(stored, wanted *Conversation, left map[segmentPlace]*Segment, now time.Time) {
	for _, before := range stored.Segments {
		if !slices.Contains(slices.Collect(maps.Values(left)), before) {
			continue
		}
		kept := keptFiles(filesOf(stored, before.ID), nil, now)
		if len(kept) > 0 {
			before.Position = len(wanted.Segments)
			wanted.Segments = append(wanted.Segments, before)
			wanted.Media = append(wanted.Media, kept...)
		}
	}
}

// mergeMedia finds each file by its content, else by where it came from, else by its place. A file that was planned, deleted or protected stays as it
// is; one that is new to a conversation whose media was anonymized is planned at once.
func mergeMedia(stored, wanted *Conversation, segment *Segment, now time.Time) {
	before := filesOf(stored, segment.ID)
	matched := map[*MediaFile]bool{}
	for _, file := range segment.Wanted {
		file.ConversationID, file.SegmentID = wanted.ID, segment.ID
		if match := findFile(before, matched, file); match != nil {
			matched[match] = true
			keepState(file, match)
		} else if wanted.AnonymizedAt != nil && wanted.DoneMedia {
			file.Status, file.PlannedAt = compliance.MediaPlanned, &now
		}
		wanted.Media = append(wanted.Media, file)
	}
	for _, kept := range keptFiles(before, matched, now) {
		kept.Position = len(segment.Wanted)
		segment.Wanted = append(segment.Wanted, kept)
		wanted.Media = append(wanted.Media, kept)
	}
}

func filesOf(c *Conversation, segmentID int64) []*MediaFile {
	if segmentID == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Media), func(f *MediaFile) bool { return f.SegmentID != segmentID })
}

func findFile(stored []*MediaFile, taken map[*MediaFile]bool, file *MediaFile) *MediaFile {
	for _, same := range []func(*MediaFile) bool{
		func(f *MediaFile) bool { return file.ContentHash != "" && f.ContentHash == file.ContentHash },
		func(f *MediaFile) bool { return file.SourceURL != "" && f.SourceURL == file.SourceURL },
		func(f *MediaFile) bool {
			return f.Position == file.Position && (file.ContentHash == "" || f.ContentHash == "") && (file.SourceURL == "" || f.SourceURL == "")
		},
	} {
		for _, f := range stored {
			if !taken[f] && same(f) {
				return f
			}
		}
	}
	return nil
}

func keepState(file, before *MediaFile) {
	file.ID, file.Status, file.PlannedAt = before.ID, before.Status, before.PlannedAt
	file.Protected, file.ProtectedUntil, file.ProtectedReason = before.Protected, before.ProtectedUntil, before.ProtectedReason
	if before.Status != compliance.MediaAvailable {
		file.SourceURL, file.ContentHash, file.MediaType, file.DurationMs = before.SourceURL, before.ContentHash, before.MediaType, before.DurationMs
	}
}

// keptFiles are those of the stored files that stay though the new file no longer has them.
func keptFiles(stored []*MediaFile, matched map[*MediaFile]bool, now time.Time) []*MediaFile {
	return slices.DeleteFunc(slices.Clone(stored), func(f *MediaFile) bool {
		return matched[f] || (f.Status == compliance.MediaAvailable && !f.ProtectedAt(now))
	})
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
