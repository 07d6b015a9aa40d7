package graph

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
)

// memo loads each of several things once, whichever field asks for it first.
type memo[K comparable, V any] struct {
	mu     sync.Mutex
	loaded map[K]func() (V, error)
}

func (m *memo[K, V]) get(key K, load func() (V, error)) (V, error) {
	m.mu.Lock()
	once, known := m.loaded[key]
	if !known {
		if m.loaded == nil {
			m.loaded = map[K]func() (V, error){}
		}
		once = sync.OnceValues(load)
		m.loaded[key] = once
	}
	m.mu.Unlock()
	return once()
}

// window is what a field asks for of a list.
type window struct {
	first int
	after string
}

// operationBatch is a page of operations. What a field of one of them needs is loaded for all of them in one
// statement.
type operationBatch struct {
	*Resolver
	ids   []uuid.UUID
	pages memo[window, map[uuid.UUID]*AuditEventConnection]
}

func (r *Resolver) showOperations(operations []*db.AuditOperation) []*AuditOperation {
	batch := &operationBatch{Resolver: r}
	batch.ids = mapped(operations, func(operation *db.AuditOperation) uuid.UUID { return operation.ID })
	return mapped(operations, func(operation *db.AuditOperation) *AuditOperation {
		return &AuditOperation{operation, batch}
	})
}

func (b *operationBatch) eventsOf(
	ctx context.Context, operation uuid.UUID, first int, after *string,
) (*AuditEventConnection, error) {
	shown, err := b.pages.get(window{first, given(after)}, func() (map[uuid.UUID]*AuditEventConnection, error) {
		page, err := auditPage(operationEventCursors, first, after)
		if err != nil {
			return nil, err
		}
		found, err := b.store.OperationEvents(ctx, b.ids, page)
		return showPages(b.Resolver, found, operationEventCursors), err
	})
	return shown[operation], err
}

// showPages shows the page of each of several things; the events of all of them are one batch.
func showPages[T comparable](r *Resolver, found map[T]db.AuditPage, list cursorList) map[T]*AuditEventConnection {
	batch, shown := &eventBatch{Resolver: r}, map[T]*AuditEventConnection{}
	for subject, page := range found {
		batch.events = append(batch.events, page.Rows...)
		shown[subject] = newAuditEventConnection(page, list, batch)
	}
	return shown
}

// historyBatch is a page of conversations, whose histories are loaded in one statement.
type historyBatch struct {
	*Resolver
	conversations []int64
	pages         memo[window, map[int64]*AuditEventConnection]
}

// History lists the audit events of the conversation; it is nil for viewers who may not read the audit log.
func (c *Conversation) History(ctx context.Context, first int, after *string) (*AuditEventConnection, error) {
	viewer, err := viewer(ctx)
	if err != nil || !viewer.Has(auth.RoleViewAudit) {
		return nil, err
	}
	b := c.history
	shown, err := b.pages.get(window{first, given(after)}, func() (map[int64]*AuditEventConnection, error) {
		page, err := auditPage(historyCursors, first, after)
		if err != nil {
			return nil, err
		}
		found, err := b.store.History(ctx, b.conversations, page)
		return showPages(b.Resolver, found, historyCursors), err
	})
	return shown[c.Conversation.ID], err
}

// eventBatch is events that are shown together. What a field of one of them needs is loaded for all of them.
type eventBatch struct {
	*Resolver
	events        []audit.Event
	operations    memo[struct{}, map[uuid.UUID]*AuditOperation]
	conversations memo[*ast.Field, map[int64]*Conversation]
	files         memo[int, map[int64]*MediaFile]
}

func (b *eventBatch) operation(ctx context.Context, id uuid.UUID) (*AuditOperation, error) {
	shown, err := b.operations.get(struct{}{}, func() (map[uuid.UUID]*AuditOperation, error) {
		ids := map[uuid.UUID]bool{}
		for _, event := range b.events {
			ids[event.OperationID] = true
		}
		found, err := b.store.AuditOperationsByID(ctx, slices.Collect(maps.Keys(ids)))
		byID := map[uuid.UUID]*AuditOperation{}
		for _, operation := range b.showOperations(slices.Collect(maps.Values(found))) {
			byID[operation.AuditOperation.ID] = operation
		}
		return byID, err
	})
	return shown[id], err
}

// conversation is nil if the viewer may not see it. Fields with different selections need different relations.
func (b *eventBatch) conversation(ctx context.Context, id int64) (*Conversation, error) {
	field := graphql.GetFieldContext(ctx).Field.Field
	shown, err := b.conversations.get(field, func() (map[int64]*Conversation, error) {
		viewer, err := viewer(ctx)
		if err != nil || !viewer.Has(auth.RoleViewConversationsScreen) {
			return nil, err
		}
		ids := map[int64]bool{}
		for _, event := range b.events {
			if event.ConversationID != 0 {
				ids[event.ConversationID] = true
			}
		}
		return b.showByID(ctx, b.accessOf(viewer), slices.Sorted(maps.Keys(ids)))
	})
	return shown[id], err
}

// showByID shows conversations by the ids that they have or had before they were merged.
func (r *Resolver) showByID(ctx context.Context, access db.Access, ids []int64) (map[int64]*Conversation, error) {
	want := r.want(ctx)
	found, rows, err := r.store.ConversationsOf(ctx, access, ids, want)
	if err != nil {
		return nil, err
	}
	shown, err := r.show(ctx, found, want)
	now := map[int64]*Conversation{}
	for _, one := range shown {
		now[one.Conversation.ID] = one
	}
	byID := map[int64]*Conversation{}
	for id, row := range rows {
		byID[id] = now[row.ID]
	}
	return byID, err
}

// mediaFiles shows the first of an event's files, without those that the viewer may not see.
func (b *eventBatch) mediaFiles(ctx context.Context, files []audit.MediaFile, first int) ([]*MediaFile, error) {
	page, err := auditPage("", first, nil)
	if err != nil {
		return nil, err
	}
	known, err := b.files.get(first, func() (map[int64]*MediaFile, error) {
		viewer, err := viewer(ctx)
		if err != nil || !viewer.Has(auth.RoleViewConversationsScreen) {
			return nil, err
		}
		ids := map[int64]bool{}
		for _, event := range b.events {
			for _, file := range firstOf(filesOf(event.Details), page.First) {
				ids[file.ID] = true
			}
		}
		found, err := b.store.MediaFiles(ctx, b.accessOf(viewer), slices.Sorted(maps.Keys(ids)))
		view, byID := b.view(viewer, nil), map[int64]*MediaFile{}
		for _, file := range found {
			byID[file.ID] = &MediaFile{file, view}
		}
		return byID, err
	})
	shown := []*MediaFile{}
	for _, file := range firstOf(files, page.First) {
		if known[file.ID] != nil {
			shown = append(shown, known[file.ID])
		}
	}
	return shown, err
}

func firstOf[T any](list []T, count int) []T { return list[:min(count, len(list))] }
