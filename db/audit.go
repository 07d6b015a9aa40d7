package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// auditEvent is a row of the log. Encoding is the event; the other columns repeat what is filtered and sorted
// by.
type auditEvent struct {
	bun.BaseModel `bun:"table:audit_events,alias:a"`

	ID              uuid.UUID `bun:",pk"`
	OperationID     uuid.UUID
	OccurredAt      time.Time
	ActorID         string
	ActorName       string
	Activity        audit.Activity
	Result          audit.Result
	ConversationID  *int64
	SettingsVersion *int
	Encoding        []byte
}

// Record writes an event of its own, for what changes nothing. Whatever changes something writes its events in
// its own transaction.
func (s *Store) Record(ctx context.Context, op audit.Operation, event audit.Event) error {
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error { return s.record(ctx, tx, op, nil, event) })
}

// record writes events of an operation, which say activity, result, conversation, settings version and
// details, with what they and more add to its totals; the operation itself comes with the first of them. It takes
// one round trip, after one that reads the uuids of the vCons, however many events there are; none without
// events and totals.
func (s *Store) record(
	ctx context.Context, tx transaction, op audit.Operation, more audit.Totals, events ...audit.Event,
) error {
	vcons, batch := vconNames{}, new(pgx.Batch)
	var ids []int64
	for _, event := range events {
		if event.ConversationID != 0 {
			ids = append(ids, event.ConversationID)
		}
	}
	vcons.read(batch, ids)
	if err := tx.send(ctx, batch, nil); err != nil {
		return err
	}
	entries, err := s.auditEntries(op, more, events, vcons)
	if err != nil {
		return err
	}
	batch = new(pgx.Batch)
	entries.insert(batch)
	return tx.send(ctx, batch, nil)
}

func newAuditEvent(e audit.Encoded) *auditEvent {
	return &auditEvent{
		ID: e.ID, OperationID: e.OperationID, OccurredAt: e.OccurredAt, ActorID: e.Actor.ID, ActorName: e.Actor.Name,
		Activity: e.Activity, Result: e.Result, ConversationID: orNil(e.ConversationID),
		SettingsVersion: orNil(e.SettingsVersion), Encoding: e.Encoding,
	}
}

func orNil[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

// vconNames are the uuids under which the vCons of conversations are known.
type vconNames map[int64][]uuid.UUID

// read adds those of conversations once the batch is sent.
func (v vconNames) read(batch *pgx.Batch, conversations []int64) {
	if len(conversations) == 0 {
		return
	}
	const query = `
SELECT conversation_id, uuid FROM vcons WHERE conversation_id = ANY ($1)
 UNION SELECT conversation_id, uuid FROM vcon_versions WHERE conversation_id = ANY ($1)`
	batch.Queue(query, conversations).Query(func(rows pgx.Rows) error {
		var id int64
		var name uuid.UUID
		_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
			v[id] = append(v[id], name)
			return nil
		})
		return err
	})
}

// hashes are the keyed hashes of the uuids, by which events name them.
func (v vconNames) hashes(hash conversation.Hash) map[int64][]string {
	hashes := make(map[int64][]string, len(v))
	for id, names := range v {
		for _, name := range names {
			hashes[id] = append(hashes[id], hash("vcon:"+name.String()))
		}
		slices.Sort(hashes[id])
	}
	return hashes
}

// AuditEvent finds one event of the log, nil where there is none with this id.
func (s *Store) AuditEvent(ctx context.Context, id uuid.UUID) (*audit.Event, error) {
	var encoding []byte
	err := s.db.NewSelect().Model((*auditEvent)(nil)).Column("encoding").Where("a.id = ?", id).Scan(ctx, &encoding)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	event, err := audit.Decode(encoding)
	return &event, err
}

// AuditPeriod is how far back the audit log is read unless a filter says from when (design, section 7).
const AuditPeriod = 10 * 24 * time.Hour

// AuditFilter narrows the audit log; everything that is given must match.
type AuditFilter struct {
	// From is inclusive, To exclusive. Without From the log is read from AuditPeriod before To, or before now
	// where To is later or nil.
	From, To *time.Time
	// Activities and Results let events with any of these through; nil lets through all.
	Activities []audit.Activity
	// ActorID is the exact id of a user.
	ActorID        string
	Results        []audit.Result
	ConversationID *int64
}

// Validate returns everything that is wrong with a filter, nothing where it can be used. The path of each
// error starts at the filter and names its members as the API does.
func (f AuditFilter) Validate() compliance.Errors {
	var errs compliance.Errors
	checkPeriod(&errs, f.From, f.To, "occurredFrom", "occurredTo")
	checkList(&errs, f.Activities != nil, len(f.Activities), "activities")
	errs.CheckText(f.ActorID, "userId")
	checkList(&errs, f.Results != nil, len(f.Results), "result")
	return errs
}

// AuditPage is a window of the audit log.
type AuditPage struct {
	Rows                 []audit.Event
	HasNext, HasPrevious bool
}

// AuditEventKey is the place of an event in the audit log.
func AuditEventKey(e audit.Event) Key { return Key{Sort: e.OccurredAt.UnixMicro(), UUID: e.ID} }

// newestFirst is the order of the log, firstToLast that of the events of one operation. Ids grow with time.
func newestFirst(table string) sorting {
	return sorting{
		column: bun.Ident(table + ".occurred_at"), id: bun.Ident(table + ".id"), descending: true, value: microseconds,
	}
}

func firstToLast() sorting {
	by := newestFirst("a")
	by.descending = false
	return by
}

// AuditEvents lists the audit log, newest first, in one statement. A filter that is wrong is a
// compliance.Errors with the code INVALID.
func (s *Store) AuditEvents(ctx context.Context, f AuditFilter, p Page) (AuditPage, error) {
	if err := p.check(); err != nil {
		return AuditPage{}, err
	}
	if err := f.Validate().OrNil(); err != nil {
		return AuditPage{}, err
	}
	var encodings [][]byte
	if err := s.auditQuery(f, p).Scan(ctx, &encodings); err != nil {
		return AuditPage{}, err
	}
	return newAuditPage(p, encodings)
}

func newAuditPage(p Page, encodings [][]byte) (page AuditPage, err error) {
	encodings, page.HasNext, page.HasPrevious = window(p, encodings)
	for _, encoding := range encodings {
		event, err := audit.Decode(encoding)
		if err != nil {
			return AuditPage{}, err
		}
		page.Rows = append(page.Rows, event)
	}
	return page, nil
}

func (s *Store) auditQuery(f AuditFilter, p Page) *bun.SelectQuery {
	query := s.db.NewSelect().Model((*auditEvent)(nil)).Column("encoding")
	return p.apply(f.ofEvents(f.within(query, "a", s.now())), newestFirst("a"))
}

// within narrows a query over events or operations to the period and the user.
func (f AuditFilter) within(query *bun.SelectQuery, table string, now time.Time) *bun.SelectQuery {
	at := bun.Ident(table + ".occurred_at")
	query = query.Where("? >= ?", at, f.from(now))
	if f.To != nil {
		query = query.Where("? < ?", at, *f.To)
	}
	if f.ActorID != "" {
		query = query.Where("? = ?", bun.Ident(table+".actor_id"), f.ActorID)
	}
	return query
}

// ofEvents narrows a query over events (alias a) by what only events have.
func (f AuditFilter) ofEvents(query *bun.SelectQuery) *bun.SelectQuery {
	if f.Activities != nil {
		query = query.Where("a.activity IN (?)", bun.List(f.Activities))
	}
	if f.Results != nil {
		query = query.Where("a.result IN (?)", bun.List(f.Results))
	}
	if f.ConversationID != nil {
		query = query.Where("a.conversation_id IN (?)", sameConversations(*f.ConversationID))
	}
	return query
}

func (f AuditFilter) from(now time.Time) time.Time {
	if f.From != nil {
		return *f.From
	}
	if f.To != nil && f.To.Before(now) {
		now = *f.To
	}
	return nearest(now.Add(-AuditPeriod))
}

// sameConversations selects the ids that a conversation has had: those that joined it kept their events under
// their own.
func sameConversations(id int64) schema.QueryWithArgs {
	const all = `
WITH now AS (SELECT coalesce((SELECT conversation_id FROM conversation_merges WHERE merged_id = ?0), ?0) AS id)
SELECT id FROM now UNION ALL SELECT merged_id FROM conversation_merges JOIN now ON conversation_id = now.id`
	return bun.SafeQuery(all, id)
}

// History lists what happened to each of some conversations and to those that joined it, newest first and of
// all time, in one statement: a page for each conversation. Its ids are those that the conversations have now.
func (s *Store) History(ctx context.Context, conversations []int64, p Page) (map[int64]AuditPage, error) {
	const same = `a.conversation_id IN (SELECT s.subject UNION ALL
		SELECT m.merged_id FROM conversation_merges AS m WHERE m.conversation_id = s.subject)`
	return auditPages(ctx, s.db, "bigint", conversations, same, p, newestFirst("a"))
}

// auditPages reads a page of events for each of several subjects (s.subject) in one statement.
func auditPages[T comparable](
	ctx context.Context, db bun.IDB, kind bun.Safe, subjects []T, ofSubject string, p Page, by sorting,
) (map[T]AuditPage, error) {
	if err := p.check(); err != nil || len(subjects) == 0 {
		return nil, err
	}
	events := p.apply(db.NewSelect().Model((*auditEvent)(nil)).Column("id", "occurred_at", "encoding").
		Where(ofSubject), by)
	const each = `SELECT s.subject, a.encoding FROM unnest(ARRAY[?]::?[]) AS s (subject), LATERAL (?) AS a ORDER BY ?`
	order := bun.Safe("a.occurred_at, a.id")
	if by.descending != (p.Last > 0) {
		order = "a.occurred_at DESC, a.id DESC"
	}
	var rows []struct {
		Subject  T
		Encoding []byte
	}
	if err := db.NewRaw(each, bun.List(subjects), kind, events, order).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	encodings := map[T][][]byte{}
	for _, row := range rows {
		encodings[row.Subject] = append(encodings[row.Subject], row.Encoding)
	}
	pages := map[T]AuditPage{}
	for _, subject := range subjects {
		page, err := newAuditPage(p, encodings[subject])
		if err != nil {
			return nil, err
		}
		pages[subject] = page
	}
	return pages, nil
}
