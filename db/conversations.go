package db

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// OrderField is what a listing of conversations can be sorted by.
type OrderField int

// The fields. The Sort of a Key holds the first in microseconds since 1970, the second in milliseconds.
const (
	OrderStartedAt OrderField = iota
	OrderDuration
)

// Order is the order of a listing; conversations that are equal in the field are in the order of their ids.
type Order struct {
	Field      OrderField
	Descending bool
}

func (o Order) sorting() sorting {
	by := sorting{column: "conversation.started_at", id: "conversation.id", descending: o.Descending, value: microseconds}
	if o.Field == OrderDuration {
		by.column, by.value = "conversation.duration_ms", milliseconds
	}
	return by
}

// Key is the place of a conversation in a listing of this order.
func (o Order) Key(c *conversation.Conversation) Key {
	if o.Field == OrderDuration {
		return Key{Sort: c.DurationMs, ID: c.ID}
	}
	return Key{Sort: c.StartedAt.UnixMicro(), ID: c.ID}
}

// ConversationPage is a window of a listing, without what belongs to the conversations: see LoadRelations.
type ConversationPage struct {
	Rows                 []*conversation.Conversation
	HasNext, HasPrevious bool
}

// Conversations lists what the access covers and the filter lets through, in one statement; a filter that
// asks for metadata takes another one before it, which finds the keys. A filter that is wrong, or names an
// unknown key, is a compliance.Errors with the code INVALID. An access that covers nothing gets an empty page
// without asking.
func (s *Store) Conversations(
	ctx context.Context, access Access, f Filter, o Order, p Page,
) (ConversationPage, error) {
	if err := p.check(); err != nil {
		return ConversationPage{}, err
	}
	if access.none() {
		return ConversationPage{}, f.Validate().OrNil()
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return ConversationPage{}, err
	}
	var rows []*conversation.Conversation
	if err := s.listQuery(&rows, access, prepared, o, p).Scan(ctx); err != nil {
		return ConversationPage{}, err
	}
	var page ConversationPage
	page.Rows, page.HasNext, page.HasPrevious = window(p, rows)
	return page, nil
}

func (s *Store) listQuery(
	rows *[]*conversation.Conversation, access Access, f condition, o Order, p Page,
) *bun.SelectQuery {
	return p.apply(s.db.NewSelect().Model(rows).Apply(access.restrict, f.apply), o.sorting())
}

// CountConversations counts what the access covers and the filter lets through. It reads every match, so
// nothing but a client that asks for the total should wait for it. Its errors are those of Conversations.
func (s *Store) CountConversations(ctx context.Context, access Access, f Filter) (int, error) {
	if access.none() {
		return 0, f.Validate().OrNil()
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return 0, err
	}
	query := s.db.NewSelect().Model((*conversation.Conversation)(nil)).Apply(access.restrict, prepared.apply)
	count, err := query.Count(ctx)
	return int(count), err
}

// ConversationsByID returns the conversations with these ids, in the order of the ids; those that do not
// exist or are out of scope are left out. The id of one that joined another conversation finds that one. It
// takes one statement, however many ids there are, and another two where some are not found at first.
func (s *Store) ConversationsByID(
	ctx context.Context, access Access, ids []int64,
) ([]*conversation.Conversation, error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	rows, err := s.conversationsByID(ctx, access, ids)
	if err != nil || len(rows) == len(ids) {
		return inOrder(ids, nil, rows), err
	}
	into, err := mergedInto(ctx, s.db, ids)
	if err != nil || len(into) == 0 {
		return inOrder(ids, nil, rows), err
	}
	joined, err := s.conversationsByID(ctx, access, slices.Collect(maps.Values(into)))
	return inOrder(ids, into, append(rows, joined...)), err
}

func (s *Store) conversationsByID(
	ctx context.Context, access Access, ids []int64,
) (rows []*conversation.Conversation, err error) {
	query := s.db.NewSelect().Model(&rows).Where("conversation.id IN (?)", bun.List(ids))
	err = query.Apply(access.restrict).Scan(ctx)
	return rows, err
}

func inOrder(
	ids []int64, into map[int64]int64, rows []*conversation.Conversation,
) []*conversation.Conversation {
	byID := make(map[int64]*conversation.Conversation, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	ordered := make([]*conversation.Conversation, 0, len(rows))
	for _, id := range ids {
		if c, found := byID[id]; found {
			ordered = append(ordered, c)
		} else if c, found := byID[into[id]]; found {
			ordered = append(ordered, c)
		}
	}
	return ordered
}

// ConversationByID returns one conversation, nil where there is none or it is out of scope.
func (s *Store) ConversationByID(
	ctx context.Context, access Access, id int64,
) (*conversation.Conversation, error) {
	rows, err := s.ConversationsByID(ctx, access, []int64{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// CurrentID returns the id under which a conversation is found now: its own, or that of the one that it
// joined.
func (s *Store) CurrentID(ctx context.Context, id int64) (int64, error) {
	into, err := mergedInto(ctx, s.db, []int64{id})
	if target := into[id]; target != 0 {
		return target, err
	}
	return id, err
}
