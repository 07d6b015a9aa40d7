package compliance

// Change is one switch that differs between two selections; each is one audit event (design, section 3).
type Change struct {
	// Item is the name of a Basic Data item, or of a metadata key.
	Item string
	// Metadata tells a metadata key (METADATA_KEY_UPDATE) from an item of Basic Data (FIELD_CONFIG_UPDATE).
	Metadata bool
	// Old and New are the positions of the switch; they always differ.
	Old, New bool
}

// Changes lists the switches that differ: Basic Data in the order of the design, then keys in alphabetical order.
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
