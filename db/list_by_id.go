package db

import (
	"context"

	"github.com/uptrace/bun"
)

// ConversationsByID returns the conversations with these ids, in the order of the ids; those that do not exist or are out of scope are left
// out. It takes one statement, however many ids there are.
func (s *Store) ConversationsByID(ctx context.Context, access Access, ids []int64) ([]*Conversation, error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	var rows []*Conversation
	if err := s.db.NewSelect().Model(&rows).Where("c.id IN (?)", bun.List(ids)).Apply(access.restrict).Scan(ctx); err != nil {
		return nil, err
	}
	return inOrder(ids, rows), nil
}

func inOrder(ids []int64, rows []*Conversation) []*Conversation {
	byID := make(map[int64]*Conversation, len(rows))
	for _, c := range rows {
		byID[c.ID] = c
	}
	ordered := make([]*Conversation, 0, len(rows))
	for _, id := range ids {
		if c, found := byID[id]; found {
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
