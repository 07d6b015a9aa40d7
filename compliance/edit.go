package compliance

import (
	"fmt"
	"slices"
	"strings"
)

// Edit is a wanted change of a selection: only the switches that it names (design, section 3: omitted items
// keep their value). Its JSON form is how a staged edit is stored.
type Edit struct {
	Basic map[BasicItem]bool `json:"basic,omitempty"`
	Keys  map[string]bool    `json:"keys,omitempty"`
}

// KeySwitch is the position that somebody wants for the switch of one metadata key.
type KeySwitch struct {
	Key string
	On  bool
	// Field is where in the input it was given, for errors.
	Field []string
}

// Empty reports whether the edit names no switch.
func (e Edit) Empty() bool {
	return len(e.Basic) == 0 && len(e.Keys) == 0
}

// Apply returns the selection with the named switches in the wanted position.
func (e Edit) Apply(s Selection) Selection {
	isNamed := func(key string) bool { _, named := e.Keys[key]; return named }
	keys := slices.DeleteFunc(slices.Clone(s.Keys), isNamed)
	for key, on := range e.Keys {
		if on {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	s.Keys = keys
	for item, on := range e.Basic {
		*s.basic(item) = on
	}
	return s
}

// EditBetween returns the edit that leads from one selection to another.
func EditBetween(from, to Selection) Edit {
	edit := Edit{Basic: map[BasicItem]bool{}, Keys: map[string]bool{}}
	for _, change := range Changes(from, to) {
		if change.Metadata {
			edit.Keys[change.Item] = change.New
		} else {
			edit.Basic[BasicItem(change.Item)] = change.New
		}
	}
	return edit
}

// NewEdit makes an edit of what somebody asked for, or says everything that is wrong with it: an empty name,
// a key given twice, a key that the system does not know. Known lists the keys of the system.
func NewEdit(basic map[BasicItem]bool, keys []KeySwitch, known func(key string) bool) (Edit, Errors) {
	edit := Edit{Basic: basic, Keys: map[string]bool{}}
	var errs Errors
	for _, k := range keys {
		if err := checkKey(k, edit.Keys, known); err != nil {
			errs = append(errs, err)
			continue
		}
		edit.Keys[k.Key] = k.On
	}
	return edit, errs
}

func checkKey(k KeySwitch, seen map[string]bool, known func(string) bool) *Error {
	if strings.TrimSpace(k.Key) == "" {
		return Invalid("the name of the metadata key is empty", k.Field...)
	}
	if _, twice := seen[k.Key]; twice {
		return Invalid(fmt.Sprintf("the metadata key %q is given twice; give each key once", k.Key), k.Field...)
	}
	if !known(k.Key) {
		message := fmt.Sprintf("there is no metadata key %q", k.Key)
		return Invalid(message, k.Field...)
	}
	return nil
}

// GuardCorrelation refuses to switch on correlation keys, by whose values conversations are merged, unless
// that is meant (design, section 3). It names each such key in an error with the code CORRELATION_KEY, with
// the number of stored conversations that were merged by it.
func GuardCorrelation(
	from, to Selection, isCorrelation func(key string) bool, merged func(key string) int, meant bool,
) Errors {
	var errs Errors
	for _, change := range Changes(from, to) {
		if !meant && change.Metadata && change.New && isCorrelation(change.Item) {
			errs = append(errs, CorrelationKey(fmt.Sprintf(
				"conversations are merged by the values of %q, and anonymized values no longer match: %s",
				change.Item, mergedBy(merged(change.Item)))))
		}
	}
	return errs
}

// AnonymizedCorrelation is the error about making a correlation key of a key that is switched on, unless that is
// meant. Merged counts the stored conversations that were merged by it.
func AnonymizedCorrelation(key string, merged int) *Error {
	message := fmt.Sprintf("the values of %q are anonymized, and anonymized values never match: %s; "+
		"turn the key off in the compliance settings first", key, mergedBy(merged))
	return CorrelationKey(message, "isCorrelationKey")
}

// CheckBase refuses to save a selection that was made from another version of the settings than the one in
// force: as CONFLICT one that was saved over meanwhile, as INVALID one that there never was (design, section 3,
// "Save").
func CheckBase(base, current int) error {
	switch {
	case base < current:
		return Conflict(fmt.Sprintf("someone else saved the settings: "+
			"version %d is in force, and your selection is based on version %d; review the changes and save again",
			current, base), "baseVersion")
	case base > current:
		message := fmt.Sprintf("there is no version %d; version %d applies", base, current)
		return Invalid(message, "baseVersion")
	}
	return nil
}

// mergedBy words how many stored conversations were merged by a key.
func mergedBy(count int) string {
	switch count {
	case 0:
		return "no stored conversation has been merged by it"
	case 1:
		return "1 stored conversation was merged by it, and new imports would no longer be merged"
	}
	return fmt.Sprintf("%d stored conversations were merged by it, and new imports would no longer be merged", count)
}

// Change is one switch that differs between two selections; each is one audit event (design, section 3).
type Change struct {
	// Item is the name of a Basic Data item, or of a metadata key.
	Item string
	// Metadata tells a metadata key (METADATA_KEY_UPDATE) from an item of Basic Data (FIELD_CONFIG_UPDATE).
	Metadata bool
	// Old and New are the positions of the switch; they always differ.
	Old, New bool
}

// Changes lists the switches that differ: Basic Data in the order of the design, then keys in alphabetical
// order.
func Changes(from, to Selection) []Change {
	var changes []Change
	for _, item := range BasicItems() {
		if from.Basic(item) != to.Basic(item) {
			changes = append(changes, Change{Item: string(item), Old: from.Basic(item), New: to.Basic(item)})
		}
	}
	for _, key := range from.Union(to).Keys {
		if from.Key(key) != to.Key(key) {
			changes = append(changes, Change{Item: key, Metadata: true, Old: from.Key(key), New: to.Key(key)})
		}
	}
	return changes
}
