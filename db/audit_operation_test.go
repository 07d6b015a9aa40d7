package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// operationOf returns an operation with all of its events.
func operationOf(t *testing.T, s *Store, id uuid.UUID) (*AuditOperation, []audit.Event) {
	t.Helper()
	found, err := s.AuditOperationsByID(t.Context(), []uuid.UUID{id})
	if err != nil || found[id] == nil {
		t.Fatal(found, err)
	}
	events, err := s.OperationEvents(t.Context(), []uuid.UUID{id}, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	return found[id], events[id].Rows
}

// operations are all of the log, by activity.
func operations(t *testing.T, s *Store) map[audit.Activity]int {
	t.Helper()
	page, err := s.AuditOperations(t.Context(), AuditFilter{}, everyRow())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[audit.Activity]int{}
	for _, operation := range page.Rows {
		counts[operation.Activity]++
	}
	return counts
}

// holdTotals compares the totals of an operation with a count over its events. More are those of no event.
func holdTotals(t *testing.T, operation *AuditOperation, events []audit.Event, more audit.Totals) {
	t.Helper()
	want := audit.Totals{}
	for name, count := range audit.TotalsOf(events) {
		if count > 0 {
			want[name] = count
		}
	}
	want.Add(audit.Totals{audit.TotalEvents: len(events)})
	want.Add(more)
	for _, event := range events {
		if event.Result == audit.Failure {
			want[audit.TotalFailedEvents]++
		}
		if event.OperationID != operation.ID || event.Actor != operation.Actor {
			t.Errorf("an event of another operation, or by somebody else: %+v", event)
		}
	}
	if diff := cmp.Diff(want, operation.Totals); diff != "" {
		t.Errorf("other totals (-counted +stored):\n%s", diff)
	}
}

// A hundred conversations that are anonymized at once, and some that are not there, are one operation; so is
// each import, however many transactions it takes.
func TestOneDeedIsOneOperation(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	imported := deed()
	var ids []int64
	for start := 0; start < 300; start += 50 {
		var batch []*conversation.Incoming
		for n := range 50 {
			batch = append(batch, sample(start+n+1))
		}
		if _, err := s.Import(t.Context(), imported, batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddTotals(t.Context(), imported, audit.Totals{audit.TotalDocumentsRefused: 2}); err != nil {
		t.Fatal(err)
	}
	operation, events := operationOf(t, s, imported.ID)
	holdTotals(t, operation, events, audit.Totals{audit.TotalVconsAdded: 300, audit.TotalDocumentsRefused: 2})
	if operation.Totals[audit.TotalConversationsImported] != 300 {
		t.Errorf("%v", operation.Totals)
	}
	for _, event := range events {
		ids = append(ids, event.ConversationID)
		if d := event.Details.(audit.Import); !d.IsNew || len(event.Vcons) != 1 {
			t.Fatalf("%+v", event)
		}
	}
	saveEverything(t, s)
	anonymizing := audit.Begin(importer, audit.InteractionAnonymize)
	if _, err := s.Anonymize(t.Context(), anonymizing, Everything(), append(ids[:100:100], 1000, 1001, 1002)); err != nil {
		t.Fatal(err)
	}
	operation, events = operationOf(t, s, anonymizing.ID)
	holdTotals(t, operation, events, nil)
	if operation.Totals[audit.TotalConversationsAnonymous] != 100 || operation.Totals[audit.TotalFailures] != 3 ||
		operation.Totals[audit.TotalFailedEvents] != 1 || operation.Totals[audit.TotalMessages] == 0 {
		t.Errorf("%v", operation.Totals)
	}
	want := map[audit.Activity]int{audit.ConversationImported: 2, audit.InteractionAnonymize: 1} // and the save
	if diff := cmp.Diff(want, operations(t, s)); diff != "" {
		t.Error(diff)
	}
}

// An import says what is new, and what it changed; what it leaves alone it does not mention.
func TestAnImportTellsNewFromChanged(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	mustImport(t, s, sample(1), sample(2))
	changed := sample(2)
	changed.Participants[0].Name = "Somebody else"
	again := deed()
	if _, err := s.Import(t.Context(), again, []*conversation.Incoming{sample(1), changed, sample(3)}); err != nil {
		t.Fatal(err)
	}
	operation, events := operationOf(t, s, again.ID)
	holdTotals(t, operation, events, audit.Totals{audit.TotalVconsAdded: 1, audit.TotalVconsUpdated: 1})
	got := map[bool]int{}
	for _, event := range events {
		got[event.Details.(audit.Import).IsNew]++
	}
	if diff := cmp.Diff(map[bool]int{true: 1, false: 1}, got); diff != "" {
		t.Error(diff)
	}
	nothing := deed()
	if _, err := s.Import(t.Context(), nothing, []*conversation.Incoming{sample(1)}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddTotals(t.Context(), nothing, audit.Totals{audit.TotalVconsUnchanged: 1}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.AuditOperationsByID(t.Context(), []uuid.UUID{nothing.ID}); err != nil || len(found) != 0 {
		t.Errorf("an import that changes nothing is in the log: %v, %v", found, err)
	}
}

// A save of keys alone is about keys.
func TestTheActivityOfASave(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if err := s.KnowKeys(t.Context(), []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	for version, wanted := range []Wanted{
		{Keys: []compliance.KeySwitch{{Key: "a", On: true}}},
		{Keys: []compliance.KeySwitch{{Key: "b", On: true}}, Basic: map[compliance.BasicItem]bool{compliance.MediaFiles: true}},
	} {
		op := audit.Begin(importer, audit.FieldConfigUpdate)
		if _, err := s.SaveSettings(t.Context(), op, Save{BaseVersion: version + 1, Wanted: &wanted}); err != nil {
			t.Fatal(err)
		}
		operation, events := operationOf(t, s, op.ID)
		holdTotals(t, operation, events, nil)
		if (operation.Activity == audit.MetadataKeyUpdate) != (version == 0) || len(events) != version+1 {
			t.Errorf("%+v with %d events", operation, len(events))
		}
	}
}

// What the columns of an event say is what its encoding says; no event holds what anonymizing removed.
func TestColumnsRepeatTheEncoding(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	mustImport(t, s, sample(1), sample(2))
	saveEverything(t, s)
	if _, err := s.Anonymize(t.Context(), deed(), Everything(), []int64{1, 99}); err != nil {
		t.Fatal(err)
	}
	var rows []*auditEvent
	if err := s.db.NewSelect().Model(&rows).Scan(t.Context()); err != nil || len(rows) < 5 {
		t.Fatal(len(rows), err)
	}
	for _, row := range rows {
		event, err := audit.Decode(row.Encoding)
		if err != nil {
			t.Fatal(err)
		}
		encoding, err := audit.Encode(event)
		if err != nil {
			t.Fatal(err)
		}
		again := newAuditEvent(audit.Encoded{Event: event, Encoding: encoding})
		row.OccurredAt = row.OccurredAt.UTC()
		if diff := cmp.Diff(again, row); diff != "" {
			t.Error(diff)
		}
	}
}
