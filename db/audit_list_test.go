package db

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/jackc/pgx/v5"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

// storeEvents stores operations of the last twenty days with up to four events each, many of them at the same
// time, and returns the events newest first.
func storeEvents(t *testing.T, s *Store, seed uint64, count int) []audit.Event {
	t.Helper()
	g := newGenerator(seed)
	var events []audit.Event
	for len(events) < count {
		at := testNow.Add(-time.Duration(g.IntN(20)) * 24 * time.Hour).UTC()
		actor := audit.Actor{ID: pick(g, []string{"ann", "ann2", "bob"}), Name: "N"}
		op := audit.Begin(actor, pick(g, audit.Activities()))
		var some []*auditEvent
		var ofOne []audit.Event
		for range min(1+g.IntN(4), count-len(events)) {
			event := audit.Event{
				ID: audit.NewID(), OperationID: op.ID, OccurredAt: at, Actor: actor, Result: audit.Success,
				Activity: pick(g, []audit.Activity{audit.FieldConfigUpdate, audit.InteractionAnonymize, audit.AccessDenied}),
			}
			switch {
			case event.Activity == audit.FieldConfigUpdate:
				event.Details = audit.BasicDataChange{Item: compliance.MediaFiles, New: true}
			case event.Activity == audit.AccessDenied:
				event.Result, event.Details = audit.Failure, audit.AccessDenial{Operation: "x", Code: audit.CodeForbidden}
			case g.chance(50):
				event.Details = audit.Anonymization{Messages: 3}
			default:
				event.Result, event.Details = audit.Failure, audit.Refusal{Code: audit.CodeNotFound}
			}
			if g.chance(50) {
				event.ConversationID = int64(1 + g.IntN(3))
			}
			encoding, err := audit.Encode(event)
			if err != nil {
				t.Fatal(err)
			}
			some = append(some, newAuditEvent(audit.Encoded{Event: event, Encoding: encoding}))
			ofOne = append(ofOne, event)
		}
		totals := audit.TotalsOf(ofOne)
		totals.Add(audit.Totals{audit.TotalEvents: len(ofOne)})
		entries := auditEntries{newAuditOperation(op, at), auditTotals(op.ID, totals), some}
		err := s.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
			batch := new(pgx.Batch)
			entries.insert(batch)
			return tx.send(ctx, batch, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ofOne...)
	}
	slices.SortFunc(events, func(x, y audit.Event) int {
		return cmp.Or(y.OccurredAt.Compare(x.OccurredAt), bytes.Compare(y.ID[:], x.ID[:]))
	})
	return events
}

func matches(e audit.Event, f AuditFilter, from time.Time) bool {
	return within(e, f, from) &&
		(f.Activities == nil || slices.Contains(f.Activities, e.Activity)) &&
		(f.Results == nil || slices.Contains(f.Results, e.Result)) &&
		(f.ConversationID == nil || e.ConversationID == *f.ConversationID)
}

// within is what decides of the operation of an event as well, which has its time and user.
func within(e audit.Event, f AuditFilter, from time.Time) bool {
	return !e.OccurredAt.Before(from) && (f.To == nil || e.OccurredAt.Before(*f.To)) &&
		(f.ActorID == "" || f.ActorID == e.Actor.ID)
}

// auditFilters are those of the tests, with the time from which each lists.
func auditFilters() map[string]auditFilterTest {
	lastTen, long, middle, conversation := testNow.Add(-10*24*time.Hour), testNow.Add(-100*24*time.Hour),
		testNow.Add(-5*24*time.Hour), int64(1)
	tomorrow := testNow.Add(24 * time.Hour)
	return map[string]auditFilterTest{
		"nothing":      {AuditFilter{}, lastTen},
		"from":         {AuditFilter{From: &long}, long},
		"to":           {AuditFilter{To: &middle}, middle.Add(-AuditPeriod)},
		"to later":     {AuditFilter{To: &tomorrow}, lastTen},
		"period":       {AuditFilter{From: &lastTen, To: &middle}, lastTen},
		"activity":     {AuditFilter{Activities: []audit.Activity{audit.AccessDenied}}, lastTen},
		"activities":   {AuditFilter{Activities: []audit.Activity{audit.AccessDenied, audit.FieldConfigUpdate}}, lastTen},
		"user":         {AuditFilter{ActorID: "ann"}, lastTen},
		"result":       {AuditFilter{Results: []audit.Result{audit.Failure}}, lastTen},
		"conversation": {AuditFilter{ConversationID: &conversation}, lastTen},
		"all of them": {AuditFilter{
			From: &long, To: &middle, Activities: []audit.Activity{audit.AccessDenied, audit.InteractionAnonymize},
			ActorID: "bob", Results: []audit.Result{audit.Success}, ConversationID: &conversation,
		}, long},
	}
}

type auditFilterTest struct {
	filter AuditFilter
	from   time.Time
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 31, 300)
	for name, test := range auditFilters() {
		var want []audit.Event
		for _, event := range all {
			if matches(event, test.filter, test.from) {
				want = append(want, event)
			}
		}
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

// An operation is listed where its time and user match, and one of its events has all of the rest.
func TestAuditOperationFilters(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 33, 300)
	counts := map[uuid.UUID]int{}
	for _, event := range all {
		counts[event.OperationID]++
	}
	for name, test := range auditFilters() {
		want := map[uuid.UUID]bool{}
		for _, event := range all {
			if matches(event, test.filter, test.from) {
				want[event.OperationID] = true
			}
		}
		page, err := s.AuditOperations(t.Context(), test.filter, everyRow())
		if err != nil {
			t.Fatal(err)
		}
		got := map[uuid.UUID]bool{}
		for _, operation := range page.Rows {
			got[operation.ID] = true
			if operation.Totals[audit.TotalEvents] != counts[operation.ID] {
				t.Errorf("%s: the totals count %d events of %d", name, operation.Totals[audit.TotalEvents], counts[operation.ID])
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		newest := func(x, y *AuditOperation) int {
			return cmp.Or(y.OccurredAt.Compare(x.OccurredAt), bytes.Compare(y.ID[:], x.ID[:]))
		}
		if !slices.IsSortedFunc(page.Rows, newest) {
			t.Errorf("%s: not the newest first", name)
		}
		if len(want) == 0 || len(want) == len(counts) && name != "from" {
			t.Errorf("%s: %d of %d operations match; the test needs some that do and some that do not", name, len(want), len(counts))
		}
	}
}

// TestAuditOperationPages goes through operations, the events of one and the history of a conversation.
func TestAuditOperationPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 34, 120)
	long := testNow.Add(-100 * 24 * time.Hour)
	whole, err := s.AuditOperations(t.Context(), AuditFilter{From: &long}, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 7, len(whole.Rows)} {
		var listed []*AuditOperation
		var ofOperations []audit.Event
		for page, more := (Page{First: size}), true; more; {
			got, err := s.AuditOperations(t.Context(), AuditFilter{From: &long}, page)
			if err != nil {
				t.Fatal(err)
			}
			listed = append(listed, got.Rows...)
			if more = got.HasNext; more {
				key := got.Rows[len(got.Rows)-1].Key()
				page.After = &key
			}
		}
		if diff := gocmp.Diff(whole.Rows, listed); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", size, diff)
		}
		var ids []uuid.UUID
		for _, operation := range listed {
			ids = append(ids, operation.ID)
		}
		events, err := s.OperationEvents(t.Context(), ids, Page{First: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			page := events[id]
			ofOperations = append(ofOperations, page.Rows...)
			if !page.HasNext {
				continue
			}
			key := AuditEventKey(page.Rows[1])
			rest, err := s.OperationEvents(t.Context(), []uuid.UUID{id}, Page{First: 2, After: &key})
			if err != nil || rest[id].HasNext {
				t.Fatal(rest, err)
			}
			ofOperations = append(ofOperations, rest[id].Rows...)
		}
		slices.SortFunc(ofOperations, func(x, y audit.Event) int {
			return cmp.Or(y.OccurredAt.Compare(x.OccurredAt), bytes.Compare(y.ID[:], x.ID[:]))
		})
		if diff := gocmp.Diff(all, ofOperations); diff != "" {
			t.Errorf("the events of the operations (-want +got):\n%s", diff)
		}
	}
	history, err := s.History(t.Context(), []int64{1, 2, 3, 4}, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	for id := int64(1); id <= 4; id++ {
		want := slices.DeleteFunc(slices.Clone(all), func(e audit.Event) bool { return e.ConversationID != id })
		if diff := gocmp.Diff(want, history[id].Rows, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("the history of %d (-want +got):\n%s", id, diff)
		}
	}
}

func TestAuditPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := storeEvents(t, s, 32, 50)
	long := testNow.Add(-100 * 24 * time.Hour)
	for _, size := range []int{1, 7, 49, 50, 51} {
		var forward, back []audit.Event
		for page, more := (Page{First: size}), true; more; {
			got := auditPage(t, s, AuditFilter{From: &long}, page)
			forward = append(forward, got.Rows...)
			if more = got.HasNext; more {
				key := AuditEventKey(got.Rows[len(got.Rows)-1])
				page.After = &key
			}
		}
		for page, more := (Page{Last: size}), true; more; {
			got := auditPage(t, s, AuditFilter{From: &long}, page)
			back = append(slices.Clone(got.Rows), back...)
			if more = got.HasPrevious; more {
				key := AuditEventKey(got.Rows[0])
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
		"no activities":  {AuditFilter{Activities: []audit.Activity{}}, []string{"activities"}},
		"no results":     {AuditFilter{Results: []audit.Result{}}, []string{"result"}},
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
