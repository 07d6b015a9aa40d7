package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"qm-compliance/compliance"
)

// AuditPeriod is how far back the audit log is read unless a filter says from when (design, section 7).
const AuditPeriod = 10 * 24 * time.Hour

// AuditFilter narrows the audit log; everything that is given must match.
type AuditFilter struct {
	// From is inclusive, To exclusive. Without From the log is read from AuditPeriod before To, or before now where To is later or nil.
	From, To *time.Time
	// Activities and Results let events with any of these through; nil lets through all.
	Activities []Activity
	// ActorID is the exact id of a user.
	ActorID        string
	Results        []Result
	ConversationID *int64
}

// Validate returns everything that is wrong with a filter, nothing where it can be used. The path of each error starts at the filter and
// names its members as the API does.
func (f AuditFilter) Validate() []*compliance.Error {
	var errs problems
	errs.checkPeriod(f.From, f.To, "from", "to")
	errs.checkList(f.Activities != nil, len(f.Activities), "activities")
	errs.checkText(f.ActorID, "user")
	errs.checkList(f.Results != nil, len(f.Results), "result")
	return errs
}

// AuditPage is a window of the audit log.
type AuditPage struct {
	Rows                 []*AuditEvent
	HasNext, HasPrevious bool
}

// Key is the place of an event in the audit log.
func (e *AuditEvent) Key() Key { return Key{Sort: e.At.UnixMicro(), ID: e.ID} }

// AuditEvents lists the audit log, newest first, in one statement. A filter that is wrong is a compliance.Errors with the code INVALID.
func (s *Store) AuditEvents(ctx context.Context, f AuditFilter, p Page) (AuditPage, error) {
	if err := p.check(); err != nil {
		return AuditPage{}, err
	}
	if err := usable(f.Validate()); err != nil {
		return AuditPage{}, err
	}
	var rows []*AuditEvent
	if err := s.auditQuery(&rows, f, p).Scan(ctx); err != nil {
		return AuditPage{}, err
	}
	var page AuditPage
	page.Rows, page.HasNext, page.HasPrevious = window(p, rows)
	return page, nil
}

func (s *Store) auditQuery(rows *[]*AuditEvent, f AuditFilter, p Page) *bun.SelectQuery {
	newestFirst := sorting{column: "a.at", id: "a.id", descending: true, value: microseconds}
	return p.apply(f.apply(s.db.NewSelect().Model(rows), s.now()), newestFirst)
}

func (f AuditFilter) apply(query *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	query = query.Where("a.at >= ?", f.from(now))
	if f.To != nil {
		query = query.Where("a.at < ?", *f.To)
	}
	if f.Activities != nil {
		query = query.Where("a.activity IN (?)", bun.List(f.Activities))
	}
	if f.ActorID != "" {
		query = query.Where("a.actor_id = ?", f.ActorID)
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

// sameConversations selects the ids that a conversation has had: those that joined it kept their events under their own.
func sameConversations(id int64) schema.QueryWithArgs {
	const current = "SELECT coalesce((SELECT conversation_id FROM conversation_merges WHERE merged_id = ?0), ?0)"
	return bun.SafeQuery("WITH now AS ("+current+" AS id) SELECT id FROM now UNION ALL SELECT merged_id FROM conversation_merges JOIN now ON conversation_id = now.id", id)
}
