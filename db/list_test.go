package db

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

func everyRow() Page { return Page{First: 10_000} }

// listIDs lists a whole listing on one page.
func listIDs(t *testing.T, s *Store, a Access, f Filter, o Order) []int64 {
	t.Helper()
	page, err := s.Conversations(t.Context(), a, f, o, everyRow(), Want{})
	if err != nil {
		t.Fatalf("%+v: %v", f, err)
	}
	return idsOf(page.Rows)
}

// holdListing compares a listing and its count with what plain Go finds, and returns its length.
func holdListing(t *testing.T, s *Store, all []stored, a Access, f Filter, o Order) int {
	t.Helper()
	want := expected(all, a, f, o)
	if diff := cmp.Diff(want, listIDs(t, s, a, f, o)); diff != "" {
		t.Errorf("access %+v, filter %+v, order %+v (-want +got):\n%s", a, f, o, diff)
	}
	count, err := s.CountConversations(t.Context(), a, f, 10_000)
	if err != nil || count != len(want) {
		t.Errorf("access %+v, filter %+v: counted %d, %v; want %d", a, f, count, err, len(want))
	}
	return len(want)
}

func TestEachFilterAlone(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeGenerated(t, s, 1, 300)
	early, late := testNow.Add(-12*time.Hour), testNow.Add(-5*time.Hour)
	yes, no := true, false
	longest := metadataValues()[6]
	for name, f := range map[string]Filter{
		"none":             {},
		"from":             {StartedFrom: &early},
		"to":               {StartedTo: &late},
		"period":           {StartedFrom: &early, StartedTo: &late},
		"a type":           {Types: []compliance.ConversationType{compliance.TypeScreenRecording}},
		"types":            {Types: []compliance.ConversationType{compliance.TypeEmail, compliance.TypeChat}},
		"phone number":     {PhoneNumber: "+420 (777) 12"},
		"digital address":  {DigitalAddress: "LEE@example"},
		"percent":          {DigitalAddress: "100%s"},
		"underscore":       {DigitalAddress: "ann_lee"},
		"backslash":        {DigitalAddress: `back\s`},
		"metadata":         {Metadata: []MetadataMatch{{Key: "language", Value: "en"}}},
		"empty metadata":   {Metadata: []MetadataMatch{{Key: "language", Value: ""}}},
		"long metadata":    {Metadata: []MetadataMatch{{Key: "campaign", Value: longest}}},
		"two keys":         {Metadata: []MetadataMatch{{Key: "language", Value: "en"}, {Key: "campaign", Value: "EN"}}},
		"reviewable":       {Reviewable: &yes},
		"not reviewable":   {Reviewable: &no},
		"a media status":   {MediaStatuses: []compliance.MediaStatus{compliance.MediaPlanned}},
		"media statuses":   {MediaStatuses: []compliance.MediaStatus{compliance.MediaNone, compliance.MediaDeleted}},
		"anonymized":       {Anonymized: &yes},
		"never anonymized": {Anonymized: &no},
	} {
		found := holdListing(t, s, all, Everything(), f, Order{Descending: true})
		if found == 0 || (name != "none" && found == len(all)) {
			t.Errorf("%s: %d of %d rows match; the test needs some that do and some that do not", name, found, len(all))
		}
	}
}

func TestRandomFilters(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all, g, matched := storeGenerated(t, s, 2, 300), newGenerator(3), 0
	for range 400 {
		if holdListing(t, s, all, g.access(), g.filter(), g.order()) > 0 {
			matched++
		}
	}
	if matched < 100 {
		t.Errorf("only %d of 400 filters match anything", matched)
	}
}

// TestScope holds the scopes of the design's section 6 against lists, counts and ids.
func TestScope(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	g, keys := newGenerator(4), map[string]int{}
	rows := map[string]stored{}
	for name, principals := range map[string][]string{"nobody's": nil, "own": {"user:ann"},
		"group's": {"user:bob", "group:sales"}, "both": {"user:ann", "group:sales"}} {
		c := g.conversation(keys)
		c.Metadata, c.principals = nil, principals
		rows[name] = c
		storeConversations(t, s, []stored{c})
	}
	for _, test := range []struct {
		scope  string
		access Access
		sees   []string
	}{
		{"all", Everything(), []string{"nobody's", "own", "group's", "both"}},
		{"own", Access{Principals: []string{"user:ann"}}, []string{"own", "both"}},
		{"groups", Access{Principals: []string{"group:sales", "group:care"}}, []string{"group's", "both"}},
		{"own and groups", Access{Principals: []string{"user:ann", "group:sales"}}, []string{"own", "group's", "both"}},
		{"a stranger", Access{Principals: []string{"user:eve"}}, nil},
		{"none", Access{}, nil},
	} {
		sees := map[int64]bool{}
		for _, name := range test.sees {
			sees[rows[name].ID] = true
		}
		holdScope(t, s, test.scope, test.access, rows, sees)
	}
}

func holdScope(t *testing.T, s *Store, scope string, a Access, rows map[string]stored, sees map[int64]bool) {
	t.Helper()
	listed := listIDs(t, s, a, Filter{}, Order{})
	count, err := s.CountConversations(t.Context(), a, Filter{}, 10_000)
	if err != nil || len(listed) != len(sees) || count != len(sees) {
		t.Errorf("%s: listed %d, counted %d, %v; want %d", scope, len(listed), count, err, len(sees))
	}
	for _, id := range listed {
		if !sees[id] {
			t.Errorf("%s: lists conversation %d", scope, id)
		}
	}
	for name, c := range rows {
		found, err := s.ConversationByID(t.Context(), a, c.ID)
		if err != nil || (found != nil) != sees[c.ID] {
			t.Errorf("%s: by id, the conversation that is %s: %v, %v; want it found: %v", scope, name, found, err, sees[c.ID])
		}
	}
}

func TestConversationsByIDKeepsTheOrderOfIDs(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeGenerated(t, s, 5, 3)
	first, second, third := all[0].ID, all[1].ID, all[2].ID
	found, err := s.ConversationsByID(t.Context(), Everything(), []int64{third, 999_999, first, second, -1, first},
		Want{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{third, first, second, first}, idsOf(found.Rows)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestConversationComesBackWhole(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, want := range storeGenerated(t, s, 6, 20) {
		got, err := s.ConversationByID(t.Context(), Everything(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		bare := *want.Conversation
		bare.Vcons, bare.Participants, bare.Metadata = nil, nil, nil
		if diff := cmp.Diff(&bare, got); diff != "" {
			t.Errorf("conversation %d (-stored +read):\n%s", want.ID, diff)
		}
	}
}

func TestUnknownMetadataKey(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	storeGenerated(t, s, 7, 20)
	f := Filter{Metadata: []MetadataMatch{{Key: "language", Value: "en"}, {Key: "lang uage", Value: "secret"}}}
	want := compliance.Errors{compliance.Invalid(`there is no metadata key "lang uage"`, "metadata", "1", "key")}
	_, listErr := s.Conversations(t.Context(), Everything(), f, Order{}, everyRow(), Want{})
	_, countErr := s.CountConversations(t.Context(), Everything(), f, 10)
	for _, err := range []error{listErr, countErr} {
		if diff := cmp.Diff(want, compliance.UserErrors(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
}

func TestMetadataKeysAreSortedByCharacter(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if keys, err := s.MetadataKeys(t.Context()); err != nil || keys == nil || len(keys) != 0 {
		t.Fatalf("before the first: %v, %v; want an empty list", keys, err)
	}
	storeKeys(t, s, "b", "B", "a.b", "ab", "a")
	keys, err := s.MetadataKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, key := range keys {
		names = append(names, key.Name)
	}
	if diff := cmp.Diff([]string{"B", "a", "a.b", "ab", "b"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
