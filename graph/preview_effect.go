package graph

import (
	"maps"
	"slices"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// filterKeys are the keys whose values belong to the section Custom Data.
func filterKeys(keys []*db.MetadataKey) map[string]bool {
	filters := map[string]bool{}
	for _, key := range keys {
		filters[key.Name] = key.IsFilter
	}
	return filters
}

// AnonymizationEffect shows how many values would be overwritten, and what would become of the media files.
type AnonymizationEffect struct {
	ValueCount, PhoneNumbers, DigitalAddresses, Subjects int
	Messages                                             []*MessageEffect
	Media                                                []*MediaEffect
	keySections[*KeyEffect]
}

// showEffect shows counts, those of metadata values in the sections that their keys belong to.
func showEffect(effect compliance.Effect, filters map[string]bool) *AnonymizationEffect {
	return &AnonymizationEffect{
		ValueCount: effect.All(), PhoneNumbers: effect.Of(compliance.PhoneNumbers), DigitalAddresses: effect.Of(compliance.DigitalAddresses),
		Subjects: effect.Of(compliance.Subjects), Messages: messageEffects(effect), Media: mediaEffects(effect),
		keySections: keyEffects(effect, filters),
	}
}

func messageEffects(effect compliance.Effect) []*MessageEffect {
	shown := []*MessageEffect{}
	for _, kind := range compliance.MessageKinds() {
		if count := effect.Values[compliance.Value{Kind: compliance.Messages, Detail: string(kind)}]; count > 0 {
			shown = append(shown, &MessageEffect{Kind: kind, Count: count})
		}
	}
	return shown
}

// keyEffects sorts the counts into the sections Custom Data (filter keys) and Other Data, as keySwitches does the switches.
func keyEffects(effect compliance.Effect, filters map[string]bool) (sections keySections[*KeyEffect]) {
	values := slices.SortedFunc(maps.Keys(effect.Values), func(a, b compliance.Value) int { return strings.Compare(a.Detail, b.Detail) })
	for _, value := range values {
		if value.Kind != compliance.MetadataValues {
			continue
		}
		sections.add(filters[value.Detail], &KeyEffect{Key: value.Detail, Count: effect.Values[value]})
	}
	return sections
}

func mediaEffects(effect compliance.Effect) []*MediaEffect {
	shown := []*MediaEffect{}
	for _, kind := range compliance.MediaKinds() {
		files := func(disposition compliance.MediaDisposition) int {
			return effect.Files[compliance.File{Kind: kind, Disposition: disposition}]
		}
		media := &MediaEffect{
			Kind: kind, Planned: files(compliance.DispositionPlanned), Protected: files(compliance.DispositionProtected), Kept: files(compliance.DispositionKept),
			AlreadyPlanned: files(compliance.DispositionAlreadyPlanned), Deleted: files(compliance.DispositionDeleted),
			Missing: files(compliance.DispositionMissing),
		}
		if *media != (MediaEffect{Kind: kind}) {
			shown = append(shown, media)
		}
	}
	return shown
}
