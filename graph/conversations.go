package graph

import (
	"context"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// Conversations lists what the viewer may see.
func (q query) Conversations(
	ctx context.Context, first *int, after *string, last *int, before *string, filter *ConversationFilter, orderBy *ConversationOrder,
) (*ConversationConnection, error) {
	access, err := q.access(ctx)
	if err != nil {
		return nil, err
	}
	order := orderOf(orderBy)
	page, err := pageOf(order, first, after, last, before)
	if err != nil {
		return nil, err
	}
	return q.list(ctx, access, filterOf(filter), order, page)
}

func (q query) list(ctx context.Context, access db.Access, filter db.Filter, order db.Order, page db.Page) (*ConversationConnection, error) {
	found, err := q.store.Conversations(ctx, access, filter, order, page)
	if err != nil {
		return nil, filterError(err)
	}
	shown, err := q.show(ctx, found.Rows)
	if err != nil {
		return nil, err
	}
	return newConversationConnection(shown, found, order, func(ctx context.Context) (int, error) {
		return q.store.CountConversations(ctx, access, filter)
	}), nil
}

// show loads what is selected of the conversations, one statement a relation.
func (r *Resolver) show(ctx context.Context, rows []*conversation.Conversation) ([]*Conversation, error) {
	if err := r.store.LoadRelations(ctx, rows, wantedRelations(ctx)); err != nil {
		return nil, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	view := r.view(viewer)
	return mapped(rows, func(row *conversation.Conversation) *Conversation { return &Conversation{row, view} }), nil
}

// Conversation finds one conversation.
func (q query) Conversation(ctx context.Context, id string) (*Conversation, error) {
	number, err := parseIDOf(kindConversation, id, "id")
	if err != nil {
		return nil, err
	}
	return q.conversation(ctx, number)
}

func (r *Resolver) conversation(ctx context.Context, number int64) (*Conversation, error) {
	access, err := r.access(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := r.conversations(ctx, access, []int64{number})
	if err != nil || len(shown) == 0 {
		return nil, err
	}
	return shown[0], nil
}

// conversations reads those of the given ids that the access covers.
func (r *Resolver) conversations(ctx context.Context, access db.Access, ids []int64) ([]*Conversation, error) {
	rows, err := r.store.ConversationsByID(ctx, access, ids)
	if err != nil {
		return nil, err
	}
	return r.show(ctx, rows)
}

// Node finds whatever has this id, as far as the viewer may see it.
func (q query) Node(ctx context.Context, id string) (Node, error) {
	parsed, err := parseID(id)
	if err != nil {
		return nil, compliance.Invalid(err.Error(), "id")
	}
	switch parsed.Kind {
	case kindConversation:
		conversation, err := q.conversation(ctx, parsed.Number)
		if conversation == nil {
			return nil, err
		}
		return conversation, nil
	case kindAuditEvent:
		return q.auditEvent(ctx, parsed.Number)
	}
	return nil, nil
}
