package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"qm-compliance/compliance"
)

// Activity is what an audit event records (design, section 7).
type Activity string

// The activities.
const (
	FieldConfigUpdate      Activity = "FIELD_CONFIG_UPDATE"
	MetadataKeyUpdate      Activity = "METADATA_KEY_UPDATE"
	InteractionAnonymize   Activity = "INTERACTION_ANONYMIZE"
	MediaDeletionRequested Activity = "MEDIA_DELETION_REQUESTED"
	MediaDeleted           Activity = "MEDIA_DELETED"
	MediaProtected         Activity = "MEDIA_PROTECTED"
	MediaReleased          Activity = "MEDIA_RELEASED"
	MediaPlayed            Activity = "MEDIA_PLAYED"
	ConversationImported   Activity = "CONVERSATION_IMPORTED"
	ConversationExported   Activity = "CONVERSATION_EXPORTED"
	ConversationViewed     Activity = "CONVERSATION_VIEWED"
	AccessDenied           Activity = "ACCESS_DENIED"
)

// Result says whether what an event records happened.
type Result string

// The results.
const (
	Success Result = "SUCCESS"
	Failure Result = "FAILURE"
)

// Actor is who does something: a signed-in user, or a command of the program.
type Actor struct {
	ID, Name string
}

// CommandActor is the actor of a command that an operator runs on the machine itself.
func CommandActor(command string) Actor {
	return Actor{ID: "command:" + command, Name: "qm-compliance " + command}
}

// AuditEvent is one event of the log. It never holds a value that was removed.
type AuditEvent struct {
	bun.BaseModel `bun:"table:audit_events,alias:a"`

	ID              int64 `bun:",pk,autoincrement"`
	At              time.Time
	ActorID         string
	ActorName       string
	Activity        Activity
	Result          Result
	ConversationID  *int64
	SettingsVersion *int
	Details         AuditDetails `bun:"type:jsonb"`
}

// AuditDetails is what an event was about, besides its conversation and settings version; members that do not
// apply are empty.
type AuditDetails struct {
	// Item is a Basic Data item or a metadata key; Old and New are the positions of its switch.
	Item string `json:"item,omitempty"`
	Old  *bool  `json:"old,omitempty"`
	New  *bool  `json:"new,omitempty"`
	// Counts says how many values of each kind were overwritten, or how many things were imported.
	Counts map[string]int `json:"counts,omitempty"`
	// MediaFileIDs are the files that a deletion request is about.
	MediaFileIDs []int64 `json:"mediaFileIds,omitempty"`
	// Operation is the root field that was refused, and Reason why. Of a protection Reason says why it is
	// needed, of a release that nobody asked for what ended it.
	Operation string `json:"operation,omitempty"`
	Reason    string `json:"reason,omitempty"`
	// Until is the end of a protection; nil for one without an end.
	Until *time.Time `json:"until,omitempty"`
	// IncludesMedia and IsRedacted say whether an export holds recordings, and whether its conversation was
	// anonymized.
	IncludesMedia *bool `json:"includesMedia,omitempty"`
	IsRedacted    *bool `json:"isRedacted,omitempty"`
}

// Record writes an event of its own, for what is refused before anything is changed. Whatever changes
// something writes its event in its own transaction.
func (s *Store) Record(ctx context.Context, actor Actor, event AuditEvent) error {
	return s.record(ctx, s.db, actor, &event)
}

func (s *Store) record(ctx context.Context, tx bun.IDB, actor Actor, events ...*AuditEvent) error {
	if len(events) == 0 {
		return nil
	}
	for _, event := range events {
		event.At, event.ActorID, event.ActorName = s.now(), actor.ID, actor.Name
	}
	_, err := tx.NewInsert().Model(&events).Exec(ctx)
	return err
}

// AuditEvent finds one event of the log, nil where there is none with this id.
func (s *Store) AuditEvent(ctx context.Context, id int64) (*AuditEvent, error) {
	event := new(AuditEvent)
	err := s.db.NewSelect().Model(event).Where("a.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return event, err
}

// AuditPeriod is how far back the audit log is read unless a filter says from when (design, section 7).
const AuditPeriod = 10 * 24 * time.Hour

// AuditFilter narrows the audit log; everything that is given must match.
type AuditFilter struct {
	// From is inclusive, To exclusive. Without From the log is read from AuditPeriod before To, or before now
	// where To is later or nil.
	From, To *time.Time
	// Activities and Results let events with any of these through; nil lets through all.
	Activities []Activity
	// ActorID is the exact id of a user.
	ActorID        string
	Results        []Result
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
	Rows                 []*AuditEvent
	HasNext, HasPrevious bool
}

// Key is the place of an event in the audit log.
func (e *AuditEvent) Key() Key { return Key{Sort: e.At.UnixMicro(), ID: e.ID} }

// AuditEvents lists the audit log, newest first, in one statement. A filter that is wrong is a
// compliance.Errors with the code INVALID.
func (s *Store) AuditEvents(ctx context.Context, f AuditFilter, p Page) (AuditPage, error) {
	if err := p.check(); err != nil {
		return AuditPage{}, err
	}
	if err := f.Validate().OrNil(); err != nil {
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

// sameConversations selects the ids that a conversation has had: those that joined it kept their events under
// their own.
func sameConversations(id int64) schema.QueryWithArgs {
	const all = `
WITH now AS (SELECT coalesce((SELECT conversation_id FROM conversation_merges WHERE merged_id = ?0), ?0) AS id)
SELECT id FROM now UNION ALL SELECT merged_id FROM conversation_merges JOIN now ON conversation_id = now.id`
	return bun.SafeQuery(all, id)
}
