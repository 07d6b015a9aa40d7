package vcon

import (
	"maps"
	"slices"
	"strings"

	"qm-compliance/conversation"
)

// The bounds of metadata, in bytes of a key and in keys of a vCon: what is beyond them is no longer data
// about a conversation.
const (
	maxKeyLength = 200
	maxKeys      = 500
)

// metadata collects values by key. Keys stay when their values are anonymized, so that nothing of known may
// be in one.
type metadata struct {
	known  *identifiers
	values map[string][]string
	seen   map[[2]string]bool
}

func newMetadata(known *identifiers) *metadata {
	return &metadata{known: known, values: map[string][]string{}, seen: map[[2]string]bool{}}
}

// put adds a value to a key whose parts are clean. The same value again adds nothing.
func (m *metadata) put(key, value string) {
	if pair := [2]string{key, value}; value != "" && !m.seen[pair] {
		m.seen[pair] = true
		m.values[key] = append(m.values[key], value)
	}
}

// cleanPart is a name as part of a key: _ where it looks personal, or is one of the parties' numbers and
// addresses.
func (m *metadata) cleanPart(part string) string {
	part = strings.TrimSpace(part)
	if part == "" || strings.Contains(part, "@") || len(digits(part)) >= 7 || m.known.in(part) {
		return "_"
	}
	return part
}

// write puts what was collected into the conversation. Several values of one key are a list.
func (m *metadata) write(to *conversation.Incoming) error {
	if len(m.values) > maxKeys {
		return wrong("", "has %d metadata keys; at most %d are taken", len(m.values), maxKeys)
	}
	for _, key := range slices.Sorted(maps.Keys(m.values)) {
		if len(key) > maxKeyLength {
			return wrong("", "has a metadata key of %d bytes; at most %d are taken", len(key), maxKeyLength)
		}
		values := m.values[key]
		value := values[0]
		if len(values) > 1 {
			value = jsonText(values)
		}
		to.Metadata = append(to.Metadata, conversation.IncomingMetadatum{Key: key, Value: value})
	}
	return nil
}
