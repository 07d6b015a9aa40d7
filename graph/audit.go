package graph

import (
	"context"
	"maps"
	"slices"
	"time"

	"qm-compliance/db"
)

// AuditEvent shows one event of the audit log.
type AuditEvent struct{ *db.AuditEvent }

// IsNode makes an event findable by its global id.
func (*AuditEvent) IsNode() {}

// ID is the global id.
func (e *AuditEvent) ID() string { return globalID{kindAuditEvent, e.AuditEvent.ID}.String() }

// OccurredAt is when it happened.
func (e *AuditEvent) OccurredAt() time.Time { return e.At }

// User is who did it, by the name of that time.
func (e *AuditEvent) User() *AuditUser {
	return &AuditUser{UserID: orNull(e.ActorID), Name: e.ActorName}
}

// About is what it was about.
func (e *AuditEvent) About() *AuditSubject {
	details := e.Details
	subject := &AuditSubject{
		Item: orNull(details.Item), OldValue: details.Old, NewValue: details.New,
		Operation: orNull(details.Operation), Reason: orNull(details.Reason), ProtectedUntil: details.Until,
		MediaFiles: mapped(details.MediaFileIDs,
			func(id int64) string { return globalID{kindMediaFile, id}.String() }),
		Counts: mapped(slices.Sorted(maps.Keys(details.Counts)), func(name string) *AuditCount {
			return &AuditCount{Name: name, Count: details.Counts[name]}
		}),
	}
	if e.ConversationID != nil {
		subject.Conversation = orNull(globalID{kindConversation, *e.ConversationID}.String())
	}
	return subject
}

// AuditEvents lists the audit log, newest first.
func (q query) AuditEvents(
	ctx context.Context, first int, after *string, filter *AuditEventFilter,
) (*AuditEventConnection, error) {
	page, err := auditPage(first, after)
	if err != nil {
		return nil, err
	}
	wanted, err := auditFilterOf(filter)
	if err != nil {
		return nil, err
	}
	found, err := q.store.AuditEvents(ctx, wanted, page)
	if err != nil {
		return nil, filterError(err)
	}
	return newAuditEventConnection(found), nil
}

func newAuditEventConnection(page db.AuditPage) *AuditEventConnection {
	connection := &AuditEventConnection{}
	connection.Nodes = mapped(page.Rows, func(row *db.AuditEvent) *AuditEvent { return &AuditEvent{row} })
	connection.Edges = mapped(connection.Nodes, func(event *AuditEvent) *AuditEventEdge {
		return &AuditEventEdge{Cursor: auditCursors.cursor(event.Key()), Node: event}
	})
	connection.PageInfo = newPageInfo(page.HasPrevious, page.HasNext, len(page.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection
}

func auditPage(first int, after *string) (db.Page, error) {
	if err := checkFirst(first); err != nil {
		return db.Page{}, err
	}
	page := db.Page{First: first}
	if after == nil {
		return page, nil
	}
	key, err := auditCursors.key(*after, "after")
	page.After = key
	return page, err
}

func auditFilterOf(input *AuditEventFilter) (db.AuditFilter, error) {
	if input == nil {
		return db.AuditFilter{}, nil
	}
	filter := db.AuditFilter{From: input.OccurredFrom.Value(), To: input.OccurredTo.Value(),
		Activities: input.Activities.Value(), ActorID: given(input.UserID.Value())}
	if result := input.Result.Value(); result != nil {
		filter.Results = []db.Result{*result}
	}
	if text := input.ConversationID.Value(); text != nil {
		id, err := parseIDOf(kindConversation, *text, "filter", "conversationId")
		if err != nil {
			return filter, err
		}
		filter.ConversationID = &id
	}
	return filter, nil
}

// auditEvent finds an event of the audit log, nil where there is none.
func (q query) auditEvent(ctx context.Context, id int64) (Node, error) {
	event, err := q.store.AuditEvent(ctx, id)
	if event == nil || err != nil {
		return nil, err
	}
	return &AuditEvent{event}, nil
}
