package db

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// ConversationsByID returns the conversations with these ids, in the order of the ids; those that do not exist or are out of scope are left
// out. The id of one that joined another conversation finds that one. It takes one statement, however many ids there are, and another two where some are
// not found at first.
func (s *Store) ConversationsByID(ctx context.Context, access Access, ids []int64) ([]*Conversation, error) {
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

func (s *Store) conversationsByID(ctx context.Context, access Access, ids []int64) (rows []*Conversation, err error) {
	err = s.db.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Apply(access.restrict).Scan(ctx)
	return rows, err
}

func inOrder(ids []int64, into map[int64]int64, rows []*Conversation) []*Conversation {
	byID := make(map[int64]*Conversation, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	ordered := make([]*Conversation, 0, len(rows))
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
func (s *Store) ConversationByID(ctx context.Context, access Access, id int64) (*Conversation, error) {
	rows, err := s.ConversationsByID(ctx, access, []int64{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}
