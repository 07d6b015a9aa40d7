package db

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// facetKey is the key of the hashes by which conversation_facets knows values.
type facetKey []byte

// of is the facet of a value, as the function facet of the database makes it. A kind of values differs from another
// by the word that a value begins with, as in the function current_facets.
func (k facetKey) of(kind, value string) int32 {
	sum := sha256.Sum256(append(k[:len(k):len(k)], kind+" "+value...))
	return int32(binary.BigEndian.Uint32(sum[:]))
}

// facetFilter are the facets that a conversation must have for a filter and an access to let it through. A
// conversation that has them may still lack the values.
type facetFilter struct {
	// every facet must be there, and one at least of each of any.
	every []int32
	any   [][]int32
	// ordered says that an index of conversations has the order of their starts under the only condition.
	ordered bool
}

func (f *facetFilter) add(any ...int32) {
	if len(any) == 1 {
		f.every = append(f.every, any[0])
	} else if len(any) > 1 {
		f.any = append(f.any, any)
	}
}

func (f *facetFilter) none() bool { return len(f.every)+len(f.any) == 0 }

// facets are those that the access and the filter ask for. Of values that are searched for they say that there is one.
func (k facetKey) facets(access Access, f condition) facetFilter {
	var wanted facetFilter
	if f.Reviewable != nil {
		wanted.add(k.of("reviewable", fmt.Sprint(*f.Reviewable)))
	}
	if f.Anonymized != nil {
		wanted.add(k.of("anonymized", fmt.Sprint(*f.Anonymized)))
	}
	wanted.add(facetsOf(k, "status", f.MediaStatuses)...)
	wanted.ordered = len(wanted.every) == 1 && len(wanted.any) == 0 && access.All && len(f.searches()) == 0 &&
		f.Types == nil && len(f.Metadata) == 0
	wanted.add(facetsOf(k, "type", f.Types)...)
	for _, search := range f.searches() {
		wanted.add(k.of("has", search.what))
	}
	for _, match := range f.metadata {
		wanted.add(match)
	}
	if !access.All {
		wanted.add(facetsOf(k, "principal", access.Principals)...)
	}
	return wanted
}

func facetsOf[T ~string](k facetKey, kind string, values []T) (facets []int32) {
	for _, value := range values {
		facets = append(facets, k.of(kind, string(value)))
	}
	return facets
}

// write narrows a statement over conversation_facets (alias f).
func (f facetFilter) write(to *statement) {
	if len(f.every) > 0 {
		to.and("f.facets @> ?", f.every)
	}
	for _, any := range f.any {
		to.and("f.facets && ?", any)
	}
	to.varies = true
}

// settleFacets makes the facets of conversations true again. Whatever changes conversations does it, in the same
// transaction, after everything else; it writes no row that is true already.
const settleFacets = `
INSERT INTO conversation_facets AS f (conversation_id, started_at, duration_ms, facets)
SELECT conversation_id, started_at, duration_ms, facets FROM current_facets($1)
    ON CONFLICT (conversation_id) DO UPDATE
       SET started_at = EXCLUDED.started_at, duration_ms = EXCLUDED.duration_ms, facets = EXCLUDED.facets
     WHERE (f.started_at, f.duration_ms, f.facets) IS DISTINCT FROM
           (EXCLUDED.started_at, EXCLUDED.duration_ms, EXCLUDED.facets)`
