package db

import (
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

func everyOrder() []Order {
	return []Order{{OrderStartedAt, false}, {OrderStartedAt, true}, {OrderDuration, false}, {OrderDuration, true}}
}

// walk pages through a whole listing, forward or back, and returns the ids in the order of the listing.
// Between asks, between is called.
func walk(
	t *testing.T, s *Store, a Access, f Filter, o Order, size int, back bool, between func(),
) []int64 {
	t.Helper()
	ids := []int64{}
	page := Page{First: size}
	if back {
		page = Page{Last: size}
	}
	for range 1000 {
		got, err := s.Conversations(t.Context(), a, f, o, page, Want{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Rows) > size {
			t.Fatalf("%d rows on a page of %d", len(got.Rows), size)
		}
		more, next := follow(page, got, o)
		if back {
			ids = append(idsOf(got.Rows), ids...)
		} else {
			ids = append(ids, idsOf(got.Rows)...)
		}
		if !more {
			return ids
		}
		page = next
		between()
	}
	t.Fatal("the pages have no end")
	return nil
}

func follow(page Page, got ConversationPage, o Order) (more bool, next Page) {
	if page.Last > 0 {
		if !got.HasPrevious {
			return false, page
		}
		key := o.Key(got.Rows[0])
		return true, Page{Last: page.Last, Before: &key}
	}
	if !got.HasNext {
		return false, page
	}
	key := o.Key(got.Rows[len(got.Rows)-1])
	return true, Page{First: page.First, After: &key}
}

func TestPagingYieldsEveryRowOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all, g := storeGenerated(t, s, 11, 120), newGenerator(12)
	for _, o := range everyOrder() {
		for _, size := range []int{1, 7, 60, 119, 120, 121} {
			for _, f := range []Filter{{}, g.filter()} {
				want := expected(all, Everything(), f, o)
				for _, back := range []bool{false, true} {
					if diff := cmp.Diff(want, walk(t, s, Everything(), f, o, size, back, func() {})); diff != "" {
						t.Errorf("order %+v, pages of %d, back %v, filter %+v (-want +got):\n%s", o, size, back, f, diff)
					}
				}
			}
		}
	}
}

// TestRandomPaging holds whole listings, page by page in both orders, directions and ways, against plain Go. QM_SEED
// repeats a run.
func TestRandomPaging(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	s := newStore(t)
	all, g, matched := storeGenerated(t, s, seed, 250), newGenerator(seed+1), 0
	for range 40 {
		a, f, size := g.access(), g.filter(), 1+g.IntN(40)
		for _, o := range everyOrder() {
			want := expected(all, a, f, o)
			matched += len(want)
			for _, back := range []bool{false, true} {
				if diff := cmp.Diff(want, walk(t, s, a, f, o, size, back, func() {})); diff != "" {
					t.Errorf("access %+v, filter %+v, order %+v, pages of %d, back %v (-want +got):\n%s",
						a, f, o, size, back, diff)
				}
			}
		}
	}
	if matched == 0 {
		t.Error("no filter matches anything")
	}
}

// TestPagingWhileRowsComeIn stores a conversation between any two pages: those that were there from the start
// are still each seen once, in order.
func TestPagingWhileRowsComeIn(t *testing.T) {
	t.Parallel()
	for _, o := range everyOrder() {
		for _, back := range []bool{false, true} {
			s := newStore(t)
			all, g := storeGenerated(t, s, 13, 60), newGenerator(14)
			got := walk(t, s, Everything(), Filter{}, o, 4, back, func() {
				storeConversations(t, s, []stored{bare(g), bare(g)})
			})
			old := map[int64]bool{}
			for _, c := range all {
				old[c.ID] = true
			}
			seen := len(got)
			got = slices.DeleteFunc(got, func(id int64) bool { return !old[id] })
			if diff := cmp.Diff(expected(all, Everything(), Filter{}, o), got); diff != "" {
				t.Errorf("order %+v, back %v (-want +got):\n%s", o, back, diff)
			}
			if seen == len(got) {
				t.Errorf("order %+v, back %v: no new row was seen; the test needs some to come in between", o, back)
			}
		}
	}
}

func bare(g generator) stored {
	c := g.conversation(nil)
	c.Metadata = nil
	return c
}

func TestPageEnds(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeGenerated(t, s, 15, 5)
	o := Order{}
	ids := expected(all, Everything(), Filter{}, o)
	key := func(i int) *Key {
		c, err := s.ConversationByID(t.Context(), Everything(), ids[i])
		if err != nil {
			t.Fatal(err)
		}
		k := o.Key(c)
		return &k
	}
	for name, test := range map[string]struct {
		page           Page
		want           []int64
		next, previous bool
	}{
		"first two":         {Page{First: 2}, ids[:2], true, false},
		"first five":        {Page{First: 5}, ids, false, false},
		"last two":          {Page{Last: 2}, ids[3:], false, true},
		"last five":         {Page{Last: 5}, ids, false, false},
		"after the second":  {Page{First: 2, After: key(1)}, ids[2:4], true, true},
		"after the last":    {Page{First: 2, After: key(4)}, []int64{}, false, true},
		"before the fourth": {Page{Last: 2, Before: key(3)}, ids[1:3], true, true},
		"before the first":  {Page{Last: 2, Before: key(0)}, []int64{}, true, false},
		"between, first":    {Page{First: 1, After: key(0), Before: key(4)}, ids[1:2], true, true},
		"between, last":     {Page{Last: 9, After: key(0), Before: key(4)}, ids[1:4], true, false},
	} {
		got, err := s.Conversations(t.Context(), Everything(), Filter{}, o, test.page, Want{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, idsOf(got.Rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if got.HasNext != test.next || got.HasPrevious != test.previous {
			t.Errorf("%s: next %v, previous %v; want %v, %v", name, got.HasNext, got.HasPrevious, test.next, test.previous)
		}
	}
}

// TestKeysFromNowhere: a key that no row ever had, such as one that a client made up, is a place like any other.
func TestKeysFromNowhere(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeGenerated(t, s, 16, 5)
	for _, o := range everyOrder() {
		want := expected(all, Everything(), Filter{}, Order{Field: o.Field})
		for _, sort := range []int64{math.MinInt64, math.MaxInt64} {
			o, after := Order{Field: o.Field}, Key{Sort: sort, ID: sort}
			got, err := s.Conversations(t.Context(), Everything(), Filter{}, o, Page{First: 9, After: &after}, Want{})
			if err != nil {
				t.Fatalf("order %+v, key %+v: %v", o, after, err)
			}
			if beyond := sort > 0; (len(got.Rows) == 0) != beyond || !beyond && !slices.Equal(idsOf(got.Rows), want) {
				t.Errorf("order %+v, key %+v: %v", o, after, idsOf(got.Rows))
			}
		}
	}
}

func TestPageNeedsOneSize(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, page := range []Page{{}, {First: 1, Last: 1}, {First: -1}, {Last: -1}, {First: -1, Last: 1}} {
		if _, err := s.Conversations(t.Context(), Everything(), Filter{}, Order{}, page, Want{}); err == nil {
			t.Errorf("%+v is accepted", page)
		}
		if _, err := s.AuditEvents(t.Context(), AuditFilter{}, page); err == nil {
			t.Errorf("audit: %+v is accepted", page)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ at, want time.Time }{
		{testNow, testNow},
		{time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), compliance.EarliestTime()},
		{time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC), compliance.LatestTime()},
	} {
		if got := nearest(test.at); !got.Equal(test.want) {
			t.Errorf("nearest(%v) = %v, want %v", test.at, got, test.want)
		}
	}
}
