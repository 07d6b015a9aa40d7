package graph

import (
	"context"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// Conversations lists what the viewer may see.
func (q query) Conversations(
	ctx context.Context, first *int, after *string, last *int, before *string,
	filter *ConversationFilter, orderBy *ConversationOrder,
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

func (q query) list(
	ctx context.Context, access db.Access, filter db.Filter, order db.Order, page db.Page,
) (*ConversationConnection, error) {
	want := q.want(ctx)
	found, err := q.store.Conversations(ctx, access, filter, order, page, want)
	if err != nil {
		return nil, filterError(err)
	}
	shown, err := q.show(ctx, found.Reading, want)
	if err != nil {
		return nil, err
	}
	return &ConversationConnection{shown, found.HasNext, found.HasPrevious, order,
		func(ctx context.Context, upTo int) (int, error) {
			return q.store.CountConversations(ctx, access, filter, upTo)
		}}, nil
}

// show shows conversations as the viewer sees them.
func (r *Resolver) show(ctx context.Context, found db.Reading, want db.Want) ([]*Conversation, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	ids := mapped(found.Rows, func(row *conversation.Conversation) int64 { return row.ID })
	view, messages := r.view(viewer, ids), messagePages{want.Messages, found.Messages}
	return mapped(found.Rows, func(row *conversation.Conversation) *Conversation {
		return &Conversation{Conversation: row, viewing: view, messages: messages}
	}), nil
}

// Conversation finds one conversation.
func (q query) Conversation(ctx context.Context, id string) (*Conversation, error) {
	number, err := parseIDOf(kindConversation, id, "id")
	if err != nil {
		return nil, err
	}
	shown, err := q.conversation(ctx, number)
	if shown == nil || err != nil {
		return nil, err
	}
	return shown, q.viewed(ctx, shown.Conversation.ID)
}

// viewed has the audit log take that the viewer reads a conversation, where that is asked for. What the log does
// not take is not shown.
func (r *Resolver) viewed(ctx context.Context, id int64) error {
	if !r.auditViews {
		return nil
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return err
	}
	return r.store.RecordView(ctx, operation(viewer, audit.ConversationViewed), id)
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
func (r *Resolver) conversations(
	ctx context.Context, access db.Access, ids []int64,
) ([]*Conversation, error) {
	want := r.want(ctx)
	found, err := r.store.ConversationsByID(ctx, access, ids, want)
	if err != nil {
		return nil, err
	}
	return r.show(ctx, found, want)
}

// filterOf reads the filter of a listing, or fails with everything that is wrong with it.
func filterOf(input *ConversationFilter) db.Filter {
	if input == nil {
		return db.Filter{}
	}
	filter := db.Filter{
		StartedFrom: input.StartedFrom.Value(), StartedTo: input.StartedTo.Value(),
		Types: input.Types.Value(), MediaStatuses: input.MediaStatuses.Value(),
		PhoneNumber:    given(input.ParticipantPhoneNumber.Value()),
		DigitalAddress: given(input.ParticipantDigitalAddress.Value()),
		Reviewable:     input.IsReviewable.Value(), Anonymized: input.IsAnonymized.Value(),
	}
	if before := input.AnonymizedBefore.Value(); before != nil {
		filter.AnonymizedBefore = &before.SettingsVersion
	}
	for _, match := range input.Metadata.Value() {
		filter.Metadata = append(filter.Metadata, db.MetadataMatch{Key: match.Key, Value: match.Value})
	}
	return filter
}

// filterError puts the fields of a filter's errors below the argument filter. It returns other errors as
// they are.
func filterError(err error) error {
	wrong := compliance.UserErrors(err)
	if wrong == nil {
		return err
	}
	return compliance.Errors(mapped(wrong, func(e *compliance.Error) *compliance.Error {
		return &compliance.Error{Code: e.Code, Message: e.Message, Field: append([]string{"filter"}, e.Field...)}
	}))
}

func orderOf(input *ConversationOrder) db.Order {
	if input == nil {
		return db.Order{Field: db.OrderStartedAt, Descending: true}
	}
	order := db.Order{Field: db.OrderStartedAt, Descending: input.Direction == OrderDirectionDesc}
	if input.Field == ConversationOrderFieldDuration {
		order.Field = db.OrderDuration
	}
	return order
}

// ExportConversation writes a conversation as vCon; it is nil where there is none that the viewer may see.
func (q query) ExportConversation(ctx context.Context, id string, includeMedia bool) (VCon, error) {
	number, err := parseIDOf(kindConversation, id, "id")
	if err != nil {
		return nil, err
	}
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	return q.export(ctx, operation(viewer, audit.ConversationExported), q.accessOf(viewer), number, includeMedia)
}
