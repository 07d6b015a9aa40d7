package db

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/compliance"
)

// plan is a node of what EXPLAIN (FORMAT JSON) answers.
type plan struct {
	NodeType  string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	IndexName string  `json:"Index Name"`
	Rows      float64 `json:"Actual Rows"`
	Removed   float64 `json:"Rows Removed by Filter"`
	Loops     float64 `json:"Actual Loops"`
	Hit       float64 `json:"Shared Hit Blocks"`
	Miss      float64 `json:"Shared Read Blocks"`
	Workers   float64 `json:"Workers Planned"`
	Plans     []plan
}

func explain(t *testing.T, s *Store, query any) plan {
	t.Helper()
	var answer string
	if err := s.db.NewRaw("EXPLAIN (ANALYZE, FORMAT JSON) ?", query).Scan(t.Context(), &answer); err != nil {
		t.Fatal(err)
	}
	var roots []struct{ Plan plan }
	if err := json.Unmarshal([]byte(answer), &roots); err != nil {
		t.Fatal(err)
	}
	return roots[0].Plan
}

// explainStatement runs a statement over conversations as the reader does.
func explainStatement(t *testing.T, s *Store, list *statement) plan {
	t.Helper()
	columns := s.reader.relations.conversations.with(AllColumns, false).sql
	return explainText(t, s, columns+list.text.String(), list.arguments)
}

func explainText(t *testing.T, s *Store, text string, arguments []any) plan {
	t.Helper()
	var roots []struct{ Plan plan }
	err := s.reader.one(t.Context(), question{"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + text, arguments, true,
		func(answer *rows) error {
			var lines strings.Builder
			for row := answer.next(); row != nil; row = answer.next() {
				lines.WriteString(row.text())
			}
			return errors.Join(answer.close(), json.Unmarshal([]byte(lines.String()), &roots))
		}})
	if err != nil {
		t.Fatal(err)
	}
	return roots[0].Plan
}

// indexes lists the indexes that a plan uses, and the tables that it reads from end to end.
func (p plan) indexes() (used, scanned []string) {
	if p.IndexName != "" {
		used = append(used, p.IndexName)
	}
	if p.NodeType == "Seq Scan" {
		scanned = append(scanned, p.Relation)
	}
	for _, child := range p.Plans {
		childUsed, childScanned := child.indexes()
		used, scanned = append(used, childUsed...), append(scanned, childScanned...)
	}
	return used, scanned
}

// read is the number of rows that a plan reads from tables and indexes, in vain or not.
func (p plan) read() float64 {
	rows := 0.0
	if p.Relation != "" || p.IndexName != "" {
		rows = (p.Rows + p.Removed) * p.Loops
	}
	for _, child := range p.Plans {
		rows += child.read()
	}
	return rows
}

// readLimit is the number of rows that a page of 50 may read, of planned conversations and what belongs to them.
const readLimit = 500

type planCase struct {
	filter Filter
	access Access
	// index is one that the plan must use, for a filter that lets few rows through.
	index string
}

func planCases() map[string]planCase {
	from, to := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 2, 1, 0, 0, 0, time.UTC)
	yes, no, all := true, false, Everything()
	match := func(key, value string) Filter { return Filter{Metadata: []MetadataMatch{{Key: key, Value: value}}} }
	return map[string]planCase{
		"no filter":         {Filter{}, all, "conversations_started"},
		"period":            {Filter{StartedFrom: &from, StartedTo: &to}, all, "conversations_started"},
		"rare type":         {Filter{Types: []compliance.ConversationType{compliance.TypeChat}}, all, "conversation_facets_facets"},
		"frequent type":     {Filter{Types: []compliance.ConversationType{compliance.TypeCall}}, all, ""},
		"phone number":      {Filter{PhoneNumber: "+420 600 791 900"}, all, "participants_phone_number"},
		"digital address":   {Filter{DigitalAddress: "d3d9446802a4"}, all, "participants_digital_address"},
		"frequent address":  {Filter{DigitalAddress: "example"}, all, ""},
		"number in address": {Filter{PhoneNumber: "420600015838"}, all, "participants_phone_address_number"},
		"address of number": {Filter{DigitalAddress: "015838@C.US"}, all, "participants_phone_address"},
		"rare metadata":     {match("order", "c4ca4238a0b923820dcc509a6f75849b"), all, "conversation_facets_facets"},
		"other case":        {match("order", "C4CA4238A0B923820DCC509A6F75849B"), all, "conversation_facets_facets"},
		"frequent metadata": {match("language", "en"), all, ""},
		"rare key":          {match("rare", "en"), all, "conversation_facets_facets"},
		"unused key":        {match("unused", "en"), all, "conversation_facets_facets"},
		"not reviewable":    {Filter{Reviewable: &no}, all, "conversations_reviewable"},
		"reviewable":        {Filter{Reviewable: &yes}, all, ""},
		"rare status": {Filter{MediaStatuses: []compliance.MediaStatus{compliance.MediaPlanned}}, all,
			"conversations_media_status"},
		"rare statuses": {Filter{MediaStatuses: []compliance.MediaStatus{compliance.MediaPlanned,
			compliance.MediaDeleted}}, all, "conversation_facets_facets"},
		"anonymized":       {Filter{Anonymized: &yes}, all, "conversations_anonymized"},
		"never anonymized": {Filter{Anonymized: &no}, all, "conversations_never_anonymized"},
		"own":              {Filter{}, Access{Principals: []string{"user:7"}}, "conversation_facets_facets"},
		"group's":          {Filter{}, Access{Principals: []string{"group:1"}}, ""},
		"own and a status": {Filter{MediaStatuses: []compliance.MediaStatus{compliance.MediaPlanned}},
			Access{Principals: []string{"user:3", "group:1"}}, ""},
	}
}

// TestListingReadsByIndex holds that no listing reads the conversations from end to end, whatever its filter
// and order, and that a filter that lets few through is answered by its own index.
func TestListingReadsByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	storeForPlans(t, s, planned)
	for name, test := range planCases() {
		prepared, err := test.filter.prepare(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range everyOrder() {
			for _, p := range []Page{{First: 50}, {Last: 50}, {First: 50, After: halfway(o)}} {
				lists, err := s.statements(t.Context(), test.access, prepared, o, p)
				if err != nil {
					t.Fatal(err)
				}
				got := explainStatement(t, s, lists[0])
				used, scanned := got.indexes()
				if len(scanned) > 0 {
					t.Errorf("%s, order %+v, page %+v: reads all of %v", name, o, p, scanned)
				}
				if test.index != "" && !slices.Contains(used, test.index) && o.Field == OrderStartedAt {
					t.Errorf("%s, order %+v, page %+v: uses %v, not %s", name, o, p, used, test.index)
				}
				if read := got.read(); read > readLimit {
					t.Errorf("%s, order %+v, page %+v: reads %v rows", name, o, p, read)
				}
			}
		}
	}
}

// halfway is a key in the middle of the conversations of storeForPlans.
func halfway(o Order) *Key {
	if o.Field == OrderDuration {
		return &Key{Sort: 300_000}
	}
	return &Key{Sort: time.Date(2026, 1, 1, 0, 0, planned/2*17, 0, time.UTC).UnixMicro()}
}

// TestAuditLogReadsByIndex holds that no filter of the audit log reads it from end to end.
func TestAuditLogReadsByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	storeForPlans(t, s, planned)
	from, conversation := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), int64(77)
	for index, f := range map[string]AuditFilter{
		"audit_events_occurred":     {From: &from},
		"audit_events_activity":     {From: &from, Activities: []audit.Activity{audit.MediaDeleted}},
		"audit_events_actor":        {From: &from, ActorID: "user:7"},
		"audit_events_result":       {From: &from, Results: []audit.Result{audit.Failure}},
		"audit_events_conversation": {From: &from, ConversationID: &conversation},
	} {
		got := explain(t, s, s.auditQuery(f, Page{First: 50}))
		if used, scanned := got.indexes(); !slices.Contains(used, index) || slices.Contains(scanned, "audit_events") {
			t.Errorf("%+v: uses %v and scans %v, want %s", f, used, scanned, index)
		}
		if read := got.read(); read == 0 || read > readLimit {
			t.Errorf("%+v: reads %v rows", f, read)
		}
	}
}

// TestAuditOperationsReadByIndex holds the same of operations. One exception: an activity of every hundredth
// operation is found by looking at each operation of the period, by an index.
func TestAuditOperationsReadByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	storeForPlans(t, s, planned)
	from, conversation := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), int64(77)
	for index, f := range map[string]AuditFilter{
		"audit_operations_occurred":       {From: &from},
		"audit_operations_actor":          {From: &from, ActorID: "user:7"},
		"audit_events_operation_activity": {From: &from, Activities: []audit.Activity{audit.MediaDeleted}},
		"audit_events_conversation":       {From: &from, ConversationID: &conversation},
	} {
		var rows []*auditOperation
		got := explain(t, s, s.operationsQuery(&rows, f, Page{First: 50}))
		used, scanned := got.indexes()
		if !slices.Contains(used, index) || slices.Contains(scanned, "audit_events") {
			t.Errorf("%+v: uses %v and scans %v, want %s", f, used, scanned, index)
		}
		limit := float64(readLimit)
		if f.Activities != nil {
			limit = 50 * 100 * 1.1
		}
		if read := got.read(); read == 0 || read > limit {
			t.Errorf("%+v: reads %v rows", f, read)
		}
	}
}
