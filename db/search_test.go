package db

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"
)

// ways are a list in each way in which it can be read, however many conversations there are.
func (s search) ways() map[string][]*statement {
	return map[string][]*statement{
		"a walk": {s.walked(0)}, "gathered": {s.gathered()}, "a walk of ten rows, then gathered": {s.walked(10), s.gathered()},
	}
}

// Every way to read a list finds what plain Go finds, page by page.
func TestEveryWayFindsTheSame(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all, g := storeGenerated(t, s, 11, 300), newGenerator(12)
	matched, lists := 0, 0
	for range 300 {
		access, f, o := g.access(), g.filter(), g.order()
		if access.none() {
			continue
		}
		prepared, err := f.prepare(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		want := expected(all, access, f, o)
		p := g.page(all, o)
		of := p.of(want, all, o)
		list := search{access: access, filter: prepared, facets: s.facets.facets(access, prepared), order: o, page: p}
		if searches := f.searches(); len(searches) > 0 && g.chance(70) {
			list.driver = &searches[g.IntN(len(searches))]
		}
		for name, ways := range list.ways() {
			found, err := s.reader.page(t.Context(), ways, p, Want{})
			if err != nil {
				t.Fatalf("%s, access %+v, filter %+v: %v", name, access, f, err)
			}
			if diff := cmp.Diff(of, idsOf(found.Rows)); diff != "" {
				t.Errorf("%s, access %+v, filter %+v, order %+v, page %+v (-want +got):\n%s", name, access, f, o, p, diff)
			}
			lists++
		}
		if len(of) > 0 {
			matched++
		}
	}
	if matched < 60 {
		t.Errorf("only %d of %d lists have anything", matched, lists/3)
	}
}

// page is a page of a random size at either end, or beyond some conversation.
func (g generator) page(all []stored, o Order) Page {
	p := Page{First: 1 + g.IntN(20)}
	if g.chance(50) {
		p = Page{Last: p.First}
	}
	if g.chance(50) {
		key := o.Key(pick(g, all).Conversation)
		if p.First > 0 {
			p.After = &key
		} else {
			p.Before = &key
		}
	}
	return p
}

// of is the page out of a whole listing.
func (p Page) of(ids []int64, all []stored, o Order) []int64 {
	byID := map[int64]Key{}
	for _, c := range all {
		byID[c.ID] = o.Key(c.Conversation)
	}
	beyond := func(id int64, key *Key, later bool) bool {
		if key == nil {
			return true
		}
		at := byID[id]
		before := at.Sort < key.Sort || at.Sort == key.Sort && at.ID < key.ID
		return at != *key && before != (later != o.Descending)
	}
	ids = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
		return !beyond(id, p.After, true) || !beyond(id, p.Before, false)
	})
	if p.First > 0 {
		return ids[:min(p.First, len(ids))]
	}
	return ids[max(0, len(ids)-p.Last):]
}

// A conversation that has the facet of a value and not the value is not listed, nor counted.
func TestAFacetDoesNotDecide(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeGenerated(t, s, 13, 40)
	facet := Filter{Metadata: []MetadataMatch{{Key: "language", Value: "en"}}}
	prepared, err := facet.prepare(t.Context(), s.db)
	if err != nil {
		t.Fatal(err)
	}
	everybody := s.facets.facets(Access{Principals: []string{"user:ann"}}, prepared).every
	const add = "UPDATE conversation_facets SET facets = facets || ARRAY[?]::integer[]"
	if _, err := s.db.NewRaw(add, bun.List(everybody)).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	holdListing(t, s, all, Access{Principals: []string{"user:ann"}}, facet, Order{Descending: true})
	settleAll(t, s)
}

// A walk is begun where it is expected to fill the page sooner than everything that matches can be gathered.
func TestBoundOfWalk(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		expected, of float64
		want         int
	}{
		{0, 0, 1000}, {0, 1000, 1000}, {0, 1001, 0}, {94, 1001, 0}, {95, 1001, 1000}, {299, 10_000, 0}, {300, 10_000, 2000},
		{10_000, 10_000, 2000}, {2_999, 1_000_000, 0}, {3_000, 1_000_000, 20_000}, {1e6, 1e6, 20_000},
	} {
		if got := boundOfWalk(row.expected, row.of); got != row.want {
			t.Errorf("%+v: %d", row, got)
		}
	}
}
