package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
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
	if o.Field == OrderDuration {
		return sorting{column: "c.duration_ms", id: "c.id", descending: o.Descending, value: milliseconds}
	}
	return sorting{column: "c.started_at", id: "c.id", descending: o.Descending, value: microseconds}
}

// Key is the place of a conversation in a listing of this order.
func (o Order) Key(c *Conversation) Key {
	if o.Field == OrderDuration {
		return Key{Sort: c.DurationMs, ID: c.ID}
	}
	return Key{Sort: c.StartedAt.UnixMicro(), ID: c.ID}
}

// ConversationPage is a window of a listing, without what belongs to the conversations: see LoadRelations.
type ConversationPage struct {
	Rows                 []*Conversation
	HasNext, HasPrevious bool
}

// Conversations lists what the access covers and the filter lets through, in one statement; a filter that asks for metadata takes
// another one before it, which finds the keys. A filter that is wrong, or names an unknown key, is a compliance.Errors with the code INVALID. An
// access that covers nothing gets an empty page without asking.
func (s *Store) Conversations(ctx context.Context, access Access, f Filter, o Order, p Page) (ConversationPage, error) {
	if err := p.check(); err != nil {
		return ConversationPage{}, err
	}
	if access.none() {
		return ConversationPage{}, usable(f.Validate())
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return ConversationPage{}, err
	}
	var rows []*Conversation
	if err := s.listQuery(&rows, access, prepared, o, p).Scan(ctx); err != nil {
		return ConversationPage{}, err
	}
	var page ConversationPage
	page.Rows, page.HasNext, page.HasPrevious = window(p, rows)
	return page, nil
}

func (s *Store) listQuery(rows *[]*Conversation, access Access, f condition, o Order, p Page) *bun.SelectQuery {
	return p.apply(s.db.NewSelect().Model(rows).Apply(access.restrict, f.apply), o.sorting())
}

// CountConversations counts what the access covers and the filter lets through. It reads every match, so nothing but a client that asks for
// the total should wait for it. Its errors are those of Conversations.
func (s *Store) CountConversations(ctx context.Context, access Access, f Filter) (int, error) {
	if access.none() {
		return 0, usable(f.Validate())
	}
	prepared, err := f.prepare(ctx, s.db)
	if err != nil {
		return 0, err
	}
	count, err := s.db.NewSelect().Model((*Conversation)(nil)).Apply(access.restrict, prepared.apply).Count(ctx)
	return int(count), err
}

// none reports whether the access covers nothing, so that no query needs asking.
func (a Access) none() bool { return !a.All && len(a.Principals) == 0 }

func usable(errs []*compliance.Error) error {
	if len(errs) == 0 {
		return nil
	}
	return compliance.Errors(errs)
}
