package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Relations names what belongs to conversations and is to be loaded. Messages brings the segments along. Conversation.Review needs Segments
// and Media.
type Relations struct {
	Vcons, Participants, Segments, Messages, Metadata, Media bool
}

// LoadRelations fills in what is wanted, in one statement for each relation, however many conversations there are: in the order of
// position, metadata in the order of its keys' names. What was loaded is never nil, though it may be empty; what is not wanted stays as it is.
func (s *Store) LoadRelations(ctx context.Context, conversations []*Conversation, want Relations) error {
	if len(conversations) == 0 {
		return nil
	}
	load := relationLoader{db: s.db, conversations: conversations}
	for _, c := range conversations {
		load.ids = append(load.ids, c.ID)
	}
	return load.all(ctx, want)
}

type relationLoader struct {
	db            bun.IDB
	conversations []*Conversation
	ids           []int64
	// vcons are the only ones whose participants, messages and metadata are loaded; nil loads those of all.
	vcons []uuid.UUID
}

func (l relationLoader) all(ctx context.Context, want Relations) error {
	steps := []struct {
		wanted bool
		load   func(context.Context) error
	}{
		{want.Vcons, l.vconRows},
		{want.Participants, l.participants},
		{want.Segments || want.Messages, l.segments},
		{want.Messages, l.messages},
		{want.Metadata, l.metadata},
		{want.Media, l.media},
	}
	for _, step := range steps {
		if !step.wanted {
			continue
		}
		if err := step.load(ctx); err != nil {
			return err
		}
	}
	return nil
}

// grouped reads the rows of a query and sorts them into groups; it keeps their order.
func grouped[K comparable, T any](ctx context.Context, query *bun.SelectQuery, rows *[]*T, key func(*T) K) (map[K][]*T, error) {
	if err := query.Scan(ctx); err != nil {
		return nil, err
	}
	groups := map[K][]*T{}
	for _, row := range *rows {
		groups[key(row)] = append(groups[key(row)], row)
	}
	return groups, nil
}

// orEmpty tells what was loaded and is empty from what was not loaded.
func orEmpty[T any](rows []*T) []*T {
	if rows == nil {
		return []*T{}
	}
	return rows
}
