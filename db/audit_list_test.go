package db

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

// storeEvents stores events of the last twenty days, many of them at the same time, and returns them newest first.
func storeEvents(t *testing.T, s *Store, seed uint64, count int) []*AuditEvent {
	t.Helper()
	g := newGenerator(seed)
	var events []*AuditEvent
	for range count {
		event := &AuditEvent{
			At: testNow.Add(-time.Duration(g.IntN(20)) * 24 * time.Hour), ActorID: pick(g, []string{"ann", "ann2", "bob"}),
			ActorName: "N",
			Activity:  pick(g, []Activity{FieldConfigUpdate, InteractionAnonymize, AccessDenied}),
			Result:    pick(g, []Result{Success, Failure}),
			Details:   AuditDetails{Item: "mediaFiles", Counts: map[string]int{"messages": 3}},
		}
		if g.chance(50) {
			id := int64(g.IntN(3))
			event.ConversationID = &id
		}
		events = append(events, event)
	}
	insertAll(t, s, events)
	slices.SortFunc(events, func(x, y *AuditEvent) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(y.ID, x.ID)) })
	return events
}

func (e *AuditEvent) matches(f AuditFilter, from time.Time) bool {
	return !e.At.Before(from) && (f.To == nil || e.At.Before(*f.To)) &&
		(f.Activities == nil || slices.Contains(f.Activities, e.Activity)) && (f.ActorID == "" || f.ActorID == e.ActorID) &&
		(f.Results == nil || slices.Contains(f.Results, e.Result)) &&
		(f.ConversationID == nil || e.ConversationID != nil && *e.ConversationID == *f.ConversationID)
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 31, 200)
	lastTen, long, middle, conversation := testNow.Add(-10*24*time.Hour), testNow.Add(-100*24*time.Hour),
		testNow.Add(-5*24*time.Hour), int64(1)
	tomorrow := testNow.Add(24 * time.Hour)
	for name, test := range map[string]struct {
		filter AuditFilter
		from   time.Time
	}{
		"nothing":      {AuditFilter{}, lastTen},
		"from":         {AuditFilter{From: &long}, long},
		"to":           {AuditFilter{To: &middle}, middle.Add(-AuditPeriod)},
		"to later":     {AuditFilter{To: &tomorrow}, lastTen},
		"period":       {AuditFilter{From: &lastTen, To: &middle}, lastTen},
		"activity":     {AuditFilter{Activities: []Activity{AccessDenied}}, lastTen},
		"activities":   {AuditFilter{Activities: []Activity{AccessDenied, FieldConfigUpdate}}, lastTen},
		"user":         {AuditFilter{ActorID: "ann"}, lastTen},
		"result":       {AuditFilter{Results: []Result{Failure}}, lastTen},
		"conversation": {AuditFilter{ConversationID: &conversation}, lastTen},
		"all of them": {AuditFilter{From: &long, To: &middle, Activities: []Activity{AccessDenied, InteractionAnonymize},
			ActorID: "bob",
			Results: []Result{Success}, ConversationID: &conversation}, long},
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(e *AuditEvent) bool { return !e.matches(test.filter, test.from) })
		got, err := s.AuditEvents(t.Context(), test.filter, everyRow())
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(want) == 0 || len(want) == len(all) && name != "from" {
			t.Errorf("%s: %d of %d events match; the test needs some that do and some that do not", name, len(want), len(all))
		}
	}
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 32, 50)
	long := testNow.Add(-100 * 24 * time.Hour)
	for _, size := range []int{1, 7, 49, 50, 51} {
		var forward, back []*AuditEvent
		for page, more := (Page{First: size}), true; more; {
			got := auditPage(t, s, AuditFilter{From: &long}, page)
			forward = append(forward, got.Rows...)
			if more = got.HasNext; more {
				key := got.Rows[len(got.Rows)-1].Key()
				page.After = &key
			}
		}
		for page, more := (Page{Last: size}), true; more; {
			got := auditPage(t, s, AuditFilter{From: &long}, page)
			back = append(slices.Clone(got.Rows), back...)
			if more = got.HasPrevious; more {
				key := got.Rows[0].Key()
				page.Before = &key
			}
		}
		if diff := gocmp.Diff(all, forward) + gocmp.Diff(all, back); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
	}
}

func auditPage(t *testing.T, s *Store, f AuditFilter, p Page) AuditPage {
	t.Helper()
	page, err := s.AuditEvents(t.Context(), f, p)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func TestAuditFilterValidate(t *testing.T) {
	t.Parallel()
	now, earlier := testNow, testNow.Add(-time.Hour)
	for name, test := range map[string]struct {
		filter AuditFilter
		fields []string
	}{
		"nothing":        {AuditFilter{}, nil},
		"period":         {AuditFilter{From: &earlier, To: &now}, nil},
		"from after to":  {AuditFilter{From: &now, To: &earlier}, []string{"occurredFrom"}},
		"no activities":  {AuditFilter{Activities: []Activity{}}, []string{"activities"}},
		"no results":     {AuditFilter{Results: []Result{}}, []string{"result"}},
		"NUL in user id": {AuditFilter{ActorID: "ann\x00"}, []string{"userId"}},
	} {
		var fields []string
		for _, err := range test.filter.Validate() {
			fields = append(fields, strings.Join(err.Field, "."))
		}
		if diff := gocmp.Diff(test.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestAuditBeforeTheFirstYear asks for what lies ten days before the earliest time that can be given.
func TestAuditBeforeTheFirstYear(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	first := compliance.EarliestTime()
	if got := auditPage(t, s, AuditFilter{To: &first}, everyRow()); len(got.Rows) != 0 || got.HasNext || got.HasPrevious {
		t.Errorf("%+v", got)
	}
}
