package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// AuditOperation is an operation as the log has it.
type AuditOperation struct {
	audit.Operation
	// OccurredAt is when it recorded something first.
	OccurredAt time.Time
	// Totals are what its transactions counted, added up.
	Totals audit.Totals
}

// Key is the place of an operation in the audit log.
func (o *AuditOperation) Key() Key { return Key{Sort: o.OccurredAt.UnixMicro(), UUID: o.ID} }

// AuditOperationPage is a window of the operations of the audit log.
type AuditOperationPage struct {
	Rows                 []*AuditOperation
	HasNext, HasPrevious bool
}

// auditOperation and auditTotal are rows.
type auditOperation struct {
	bun.BaseModel `bun:"table:audit_operations,alias:o"`

	ID         uuid.UUID `bun:",pk"`
	OccurredAt time.Time
	ActorID    string
	ActorName  string
	Activity   audit.Activity
}

type auditTotal struct {
	bun.BaseModel `bun:"table:audit_totals,alias:t"`

	OperationID uuid.UUID
	Name        audit.TotalName
	Count       int64
}

func newAuditOperation(op audit.Operation, at time.Time) *auditOperation {
	return &auditOperation{
		ID: op.ID, OccurredAt: at, ActorID: op.Actor.ID, ActorName: op.Actor.Name, Activity: op.Activity,
	}
}

func (o *auditOperation) operation() *AuditOperation {
	return &AuditOperation{
		Operation: audit.Operation{
			ID: o.ID, Actor: audit.Actor{ID: o.ActorID, Name: o.ActorName}, Activity: o.Activity,
		},
		OccurredAt: o.OccurredAt.UTC(), Totals: audit.Totals{},
	}
}

// auditTotals are the rows of totals; what counts nothing has none.
func auditTotals(operation uuid.UUID, totals audit.Totals) []*auditTotal {
	var rows []*auditTotal
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		if count := totals[name]; count > 0 {
			rows = append(rows, &auditTotal{OperationID: operation, Name: name, Count: int64(count)})
		}
	}
	return rows
}

// AddTotals adds to the totals of an operation what belongs to no transaction of it, such as what an import
// refused. An operation that recorded nothing stays without.
func (s *Store) AddTotals(ctx context.Context, op audit.Operation, totals audit.Totals) error {
	rows := auditTotals(op.ID, totals)
	if len(rows) == 0 {
		return nil
	}
	var names []string
	var counts []int64
	for _, row := range rows {
		names, counts = append(names, string(row.Name)), append(counts, row.Count)
	}
	const insert = `
INSERT INTO audit_totals (operation_id, name, count)
SELECT o.id, t.name, t.count
  FROM audit_operations AS o, unnest(ARRAY[?]::text[], ARRAY[?]::bigint[]) AS t (name, count) WHERE o.id = ?`
	_, err := s.db.NewRaw(insert, bun.List(names), bun.List(counts), op.ID).Exec(ctx)
	return err
}

// AuditOperations lists the operations of the log, newest first. One matches where its time and user do, and
// at least one of its events has what else the filter asks for. It takes two statements, however large the
// page is. A filter that is wrong is a compliance.Errors with the code INVALID.
func (s *Store) AuditOperations(ctx context.Context, f AuditFilter, p Page) (AuditOperationPage, error) {
	if err := p.check(); err != nil {
		return AuditOperationPage{}, err
	}
	if err := f.Validate().OrNil(); err != nil {
		return AuditOperationPage{}, err
	}
	var rows []*auditOperation
	if err := s.operationsQuery(&rows, f, p).Scan(ctx); err != nil {
		return AuditOperationPage{}, err
	}
	var page AuditOperationPage
	rows, page.HasNext, page.HasPrevious = window(p, rows)
	var err error
	page.Rows, err = s.withTotals(ctx, rows)
	return page, err
}

func (s *Store) operationsQuery(rows *[]*auditOperation, f AuditFilter, p Page) *bun.SelectQuery {
	query := f.within(s.db.NewSelect().Model(rows), "o", s.now())
	if f.Activities != nil || f.Results != nil || f.ConversationID != nil {
		one := s.db.NewSelect().Model((*auditEvent)(nil)).ColumnExpr("1").Where("a.operation_id = o.id")
		// OFFSET 0 keeps the planner from reading all events of an activity first, of which a page needs few;
		// those of one conversation are few.
		exists := "EXISTS (? OFFSET 0)"
		if f.ConversationID != nil {
			exists = "EXISTS (?)"
		}
		query = query.Where(exists, f.ofEvents(one))
	}
	return p.apply(query, newestFirst("o"))
}

// AuditOperationsByID finds operations by their ids; ids that lead to none are not in the result.
func (s *Store) AuditOperationsByID(
	ctx context.Context, ids []uuid.UUID,
) (map[uuid.UUID]*AuditOperation, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*auditOperation
	if err := s.db.NewSelect().Model(&rows).Where("o.id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	operations, err := s.withTotals(ctx, rows)
	byID := map[uuid.UUID]*AuditOperation{}
	for _, operation := range operations {
		byID[operation.ID] = operation
	}
	return byID, err
}

// withTotals adds up the totals of operations.
func (s *Store) withTotals(ctx context.Context, rows []*auditOperation) ([]*AuditOperation, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var all []*AuditOperation
	var ids []uuid.UUID
	byID := map[uuid.UUID]*AuditOperation{}
	for _, row := range rows {
		operation := row.operation()
		all, ids, byID[row.ID] = append(all, operation), append(ids, row.ID), operation
	}
	var sums []*auditTotal
	err := s.db.NewSelect().Model(&sums).ColumnExpr("t.operation_id, t.name, sum(t.count)::bigint AS count").
		Where("t.operation_id IN (?)", bun.List(ids)).GroupExpr("1, 2").Scan(ctx)
	for _, sum := range sums {
		byID[sum.OperationID].Totals[sum.Name] = int(sum.Count)
	}
	return all, err
}

// OperationEvents lists the events of each of some operations from the first to the last, in one statement: a
// page for each operation.
func (s *Store) OperationEvents(
	ctx context.Context, operations []uuid.UUID, p Page,
) (map[uuid.UUID]AuditPage, error) {
	return auditPages(ctx, s.db, "uuid", operations, "a.operation_id = s.subject", p, firstToLast())
}

// auditEntries are the rows of what an operation records at once.
type auditEntries struct {
	operation *auditOperation
	totals    []*auditTotal
	events    []*auditEvent
}

// auditEntries makes the rows of events. Vcons are those of all conversations that the events are about.
func (s *Store) auditEntries(
	op audit.Operation, more audit.Totals, events []audit.Event, vcons vconNames,
) (auditEntries, error) {
	totals := audit.TotalsOf(events)
	totals.Add(more)
	now := s.now().UTC().Truncate(time.Microsecond)
	entries := auditEntries{operation: newAuditOperation(op, now), events: make([]*auditEvent, 0, len(events))}
	hashes := vcons.hashes(s.hash())
	for _, event := range events {
		event.ID, event.OperationID, event.OccurredAt, event.Actor = audit.NewID(), op.ID, now, op.Actor
		event.Vcons = hashes[event.ConversationID]
		parts, err := audit.Split(event, audit.NewID)
		if err != nil {
			return auditEntries{}, err
		}
		for _, part := range parts {
			totals.Add(audit.Totals{audit.TotalEvents: 1})
			if part.Result == audit.Failure {
				totals.Add(audit.Totals{audit.TotalFailedEvents: 1})
			}
			entries.events = append(entries.events, newAuditEvent(part))
		}
	}
	entries.totals = auditTotals(op.ID, totals)
	return entries, nil
}

// insert writes the entries. The operation exists already if an earlier transaction of it recorded something.
func (e auditEntries) insert(batch *pgx.Batch) {
	if len(e.totals) == 0 { // events count themselves
		return
	}
	const operation = `
INSERT INTO audit_operations (id, occurred_at, actor_id, actor_name, activity) VALUES ($1, $2, $3, $4, $5::text)
    ON CONFLICT (id) DO NOTHING`
	o := e.operation
	batch.Queue(operation, o.ID, o.OccurredAt, o.ActorID, o.ActorName, string(o.Activity))
	const totals = `
INSERT INTO audit_totals (operation_id, name, count)
SELECT $1, v.name, v.count FROM unnest($2::text[], $3::bigint[]) AS v (name, count)`
	batch.Queue(totals, o.ID, each(e.totals, func(t *auditTotal) string { return string(t.Name) }),
		each(e.totals, func(t *auditTotal) int64 { return t.Count }))
	if len(e.events) == 0 {
		return
	}
	const events = `
INSERT INTO audit_events (id, operation_id, occurred_at, actor_id, actor_name, activity, result, conversation_id,
       settings_version, encoding)
SELECT v.id, $1, $2, $3, $4, v.activity, v.result, v.conversation_id, v.settings_version, v.encoding
  FROM unnest($5::uuid[], $6::text[], $7::text[], $8::bigint[], $9::integer[], $10::bytea[])
    AS v (id, activity, result, conversation_id, settings_version, encoding)`
	batch.Queue(events, o.ID, o.OccurredAt, o.ActorID, o.ActorName,
		each(e.events, func(a *auditEvent) [16]byte { return a.ID }),
		each(e.events, func(a *auditEvent) string { return string(a.Activity) }),
		each(e.events, func(a *auditEvent) string { return string(a.Result) }),
		each(e.events, func(a *auditEvent) *int64 { return a.ConversationID }),
		each(e.events, func(a *auditEvent) *int { return a.SettingsVersion }),
		each(e.events, func(a *auditEvent) []byte { return a.Encoding }))
}

// RecordPlayback records that a recording is about to be played by a link, which holds until a time: once for
// a link, however often it is asked for, and whichever servers answer.
func (s *Store) RecordPlayback(
	ctx context.Context, op audit.Operation, file *conversation.MediaFile, link string, until time.Time,
) error {
	return s.recordOnce(ctx, "link "+link, until, op, audit.Event{
		Activity: audit.MediaPlayed, Result: audit.Success, ConversationID: file.ConversationID,
		Details: audit.MediaFiles{Files: []audit.MediaFile{auditedFile(file)}},
	})
}

// viewPeriod is how often the same reader of the same conversation is recorded at most.
const viewPeriod = time.Minute

// RecordView records that somebody is about to read a conversation: once a minute at most, so that nobody
// fills the log by reading.
func (s *Store) RecordView(ctx context.Context, op audit.Operation, conversationID int64) error {
	minute := s.now().Truncate(viewPeriod)
	key := fmt.Sprintf("view %d %d %s", minute.Unix(), conversationID, op.Actor.ID)
	return s.recordOnce(ctx, key, minute.Add(viewPeriod), op, audit.Event{
		Activity: audit.ConversationViewed, Result: audit.Success, ConversationID: conversationID,
		Details: audit.View{},
	})
}

const (
	// onceSlack is how long a key outlives its time, for servers whose clocks differ.
	onceSlack = 10 * time.Minute
	// onceSwept is how many keys that have outlived their time go with each new one.
	onceSwept = 10
)

// recordOnce records an event, unless one has been recorded under the same key, which is unique until a time.
// The key and the event come together, or neither.
func (s *Store) recordOnce(
	ctx context.Context, key string, until time.Time, op audit.Operation, event audit.Event,
) error {
	hashed := s.hash()(key)
	var known bool
	const find = "SELECT EXISTS (SELECT FROM audited_once WHERE key = ?)"
	if err := s.db.NewRaw(find, hashed).Scan(ctx, &known); err != nil || known {
		return err
	}
	return s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		// Another server that has the same key in hand makes this one wait for what becomes of it.
		const take = "INSERT INTO audited_once (key, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING"
		taken, err := tx.NewRaw(take, hashed, until.Add(onceSlack)).Exec(ctx)
		if err != nil {
			return err
		}
		if count, err := taken.RowsAffected(); err != nil || count == 0 {
			return err
		}
		const sweep = `DELETE FROM audited_once WHERE key IN (SELECT o.key FROM audited_once AS o
			WHERE o.expires_at < ? ORDER BY o.expires_at LIMIT ? FOR UPDATE SKIP LOCKED)`
		if _, err := tx.NewRaw(sweep, s.now(), onceSwept).Exec(ctx); err != nil {
			return err
		}
		return s.record(ctx, tx, op, nil, event)
	})
}
