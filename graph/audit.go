package graph

import (
	"context"
	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/db"
)

// AuditOperation shows one operation of the audit log.
type AuditOperation struct {
	*db.AuditOperation
	batch *operationBatch
}

// IsNode makes an operation findable by its global id.
func (*AuditOperation) IsNode() {}

// ID is the global id.
func (o *AuditOperation) ID() string {
	return globalID{Kind: kindAuditOperation, UUID: o.AuditOperation.ID}.String()
}

// User is who performed it, under the name of that time.
func (o *AuditOperation) User() *AuditUser { return auditUser(o.Actor) }

// Result says whether its events succeeded.
func (o *AuditOperation) Result() AuditOperationResult {
	switch o.AuditOperation.Totals[audit.TotalFailedEvents] {
	case 0:
		return AuditOperationResultSuccess
	case o.EventCount():
		return AuditOperationResultFailure
	}
	return AuditOperationResultPartial
}

// EventCount is the number of its events.
func (o *AuditOperation) EventCount() int { return o.AuditOperation.Totals[audit.TotalEvents] }

// Totals are what it did, in the order of the enum, without the numbers of events.
func (o *AuditOperation) Totals() []*AuditTotal {
	shown := []*AuditTotal{}
	for _, name := range audit.TotalNames() {
		count := o.AuditOperation.Totals[name]
		if count > 0 && name != audit.TotalEvents && name != audit.TotalFailedEvents {
			shown = append(shown, &AuditTotal{Name: name, Count: count})
		}
	}
	return shown
}

// Events are its events, from the first to the last.
func (o *AuditOperation) Events(ctx context.Context, first int, after *string) (*AuditEventConnection, error) {
	return o.batch.eventsOf(ctx, o.AuditOperation.ID, first, after)
}

// AuditEvent shows one event of the audit log.
type AuditEvent struct {
	audit.Event
	batch *eventBatch
}

// IsNode makes an event findable by its global id.
func (*AuditEvent) IsNode() {}

// ID is the global id.
func (e *AuditEvent) ID() string { return globalID{Kind: kindAuditEvent, UUID: e.Event.ID}.String() }

// Operation is the operation that it belongs to.
func (e *AuditEvent) Operation(ctx context.Context) (*AuditOperation, error) {
	return e.batch.operation(ctx, e.OperationID)
}

// User is who performed it, under the name of that time.
func (e *AuditEvent) User() *AuditUser { return auditUser(e.Actor) }

// SettingsVersion is nil if no settings were saved or applied.
func (e *AuditEvent) SettingsVersion() *int { return orNull(e.Event.SettingsVersion) }

// Conversation is the conversation that it concerns, as it is now; nil if the viewer may not see it.
func (e *AuditEvent) Conversation(ctx context.Context) (*Conversation, error) {
	if e.ConversationID == 0 {
		return nil, nil
	}
	return e.batch.conversation(ctx, e.ConversationID)
}

// VconHashes are the keyed hashes of the conversation's vCons.
func (e *AuditEvent) VconHashes() []string {
	return mapped(e.Vcons, func(hash string) string { return hash })
}

func auditUser(actor audit.Actor) *AuditUser {
	return &AuditUser{UserID: orNull(actor.ID), Name: actor.Name}
}

// AuditOperations lists the operations of the audit log, newest first.
func (q query) AuditOperations(
	ctx context.Context, first int, after *string, filter *AuditEventFilter,
) (*AuditOperationConnection, error) {
	page, err := auditPage(operationCursors, first, after)
	if err != nil {
		return nil, err
	}
	wanted, err := auditFilterOf(filter)
	if err != nil {
		return nil, err
	}
	found, err := q.store.AuditOperations(ctx, wanted, page)
	if err != nil {
		return nil, filterError(err)
	}
	shown := q.showOperations(found.Rows)
	connection := &AuditOperationConnection{Nodes: shown}
	connection.Edges = mapped(shown, func(operation *AuditOperation) *AuditOperationEdge {
		return &AuditOperationEdge{Cursor: operationCursors.cursor(operation.Key()), Node: operation}
	})
	connection.PageInfo = newPageInfo(found.HasPrevious, found.HasNext, len(shown),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection, nil
}

// AuditEvents lists the events of the audit log, newest first.
func (q query) AuditEvents(
	ctx context.Context, first int, after *string, filter *AuditEventFilter,
) (*AuditEventConnection, error) {
	page, err := auditPage(auditCursors, first, after)
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
	return newAuditEventConnection(found, auditCursors, &eventBatch{Resolver: q.Resolver, events: found.Rows}), nil
}

// newAuditEventConnection shows a page of events, which are part of a batch.
func newAuditEventConnection(page db.AuditPage, list cursorList, batch *eventBatch) *AuditEventConnection {
	connection := &AuditEventConnection{
		Nodes: mapped(page.Rows, func(event audit.Event) *AuditEvent { return &AuditEvent{event, batch} }),
	}
	connection.Edges = mapped(connection.Nodes, func(event *AuditEvent) *AuditEventEdge {
		return &AuditEventEdge{Cursor: list.cursor(db.AuditEventKey(event.Event)), Node: event}
	})
	connection.PageInfo = newPageInfo(page.HasPrevious, page.HasNext, len(page.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection
}

func auditPage(list cursorList, first int, after *string) (db.Page, error) {
	if err := checkFirst(first); err != nil {
		return db.Page{}, err
	}
	page := db.Page{First: first}
	if after == nil {
		return page, nil
	}
	key, err := list.key(*after, "after")
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
		filter.Results = []audit.Result{*result}
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

// auditEvent finds an event of the audit log, nil if there is none.
func (q query) auditEvent(ctx context.Context, id uuid.UUID) (Node, error) {
	event, err := q.store.AuditEvent(ctx, id)
	if event == nil || err != nil {
		return nil, err
	}
	return &AuditEvent{*event, &eventBatch{Resolver: q.Resolver, events: []audit.Event{*event}}}, nil
}

// auditOperation finds an operation of the audit log, nil if there is none.
func (q query) auditOperation(ctx context.Context, id uuid.UUID) (Node, error) {
	found, err := q.store.AuditOperationsByID(ctx, []uuid.UUID{id})
	if found[id] == nil || err != nil {
		return nil, err
	}
	return q.showOperations([]*db.AuditOperation{found[id]})[0], nil
}
