package db

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/vcon"
)

// importation is one round of a batch on its way into the database.
type importation struct {
	store    *Store
	tx       bun.Tx
	actor    Actor
	now      time.Time
	keys     map[string]int
	incoming []*vcon.Conversation

	stored map[uuid.UUID]*Conversation
	// principals are the stored ones of each conversation, sorted.
	principals map[int64][]string
	// added and changed hold the rows as they are wanted; an added one has its id once it is inserted.
	added, changed []*pending
}

// pending is a conversation to be written.
type pending struct {
	wanted, stored *Conversation // stored is nil for one that is new
	principals     []string
	planned        []*MediaFile // files that are new to a conversation whose media was anonymized
}

func (w *importation) run(ctx context.Context, result *ImportResult) error {
	if err := w.load(ctx); err != nil {
		return err
	}
	fresh := w.compare(result)
	if err := w.insertConversations(ctx, fresh); err != nil {
		return err
	}
	// Whatever somebody else inserted meanwhile is stored by now, and is brought up to date like any other.
	if len(w.added) < len(fresh) {
		w.incoming = w.without(fresh)
		if err := w.load(ctx); err != nil {
			return err
		}
		w.compare(result)
	}
	result.Added += len(w.added)
	result.Updated += len(w.changed)
	return w.write(ctx)
}

// load reads what is stored of the incoming vCons, and keeps everybody else from changing it.
func (w *importation) load(ctx context.Context) error {
	ids := make([]uuid.UUID, 0, len(w.incoming))
	for _, c := range w.incoming {
		ids = append(ids, c.UUID)
	}
	var rows []*Conversation
	if err := w.tx.NewSelect().Model(&rows).Where("c.vcon_uuid IN (?)", bun.List(ids)).OrderExpr("c.id").For("UPDATE").Scan(ctx); err != nil {
		return err
	}
	w.stored = map[uuid.UUID]*Conversation{}
	loader := relationLoader{db: w.tx, conversations: rows}
	for _, row := range rows {
		w.stored[row.VconUUID] = row
		loader.ids = append(loader.ids, row.ID)
	}
	if len(rows) == 0 {
		return nil
	}
	if err := w.loadPrincipals(ctx, loader.ids); err != nil {
		return err
	}
	return loader.all(ctx, Relations{Participants: true, Segments: true, Messages: true, Metadata: true, Media: true})
}

func (w *importation) loadPrincipals(ctx context.Context, ids []int64) error {
	var rows []*principal
	err := w.tx.NewSelect().Model(&rows).Where("conversation_id IN (?)", bun.List(ids)).OrderExpr(`principal COLLATE "C"`).Scan(ctx)
	w.principals = map[int64][]string{}
	for _, row := range rows {
		w.principals[row.ConversationID] = append(w.principals[row.ConversationID], row.Principal)
	}
	return err
}

// compare finds what the incoming vCons change, and returns those that are not stored.
func (w *importation) compare(result *ImportResult) (fresh []*pending) {
	for _, in := range w.incoming {
		stored := w.stored[in.UUID]
		p := &pending{stored: stored, principals: w.store.principalsOf(in)}
		if stored == nil {
			p.wanted = w.fresh(in)
			fresh = append(fresh, p)
			continue
		}
		p.wanted = rowsOf(in, stored.Done(), w.keys)
		p.planned = merge(stored, p.wanted, w.now)
		p.wanted.derive(w.now)
		if same(stored, p.wanted) && slices.Equal(w.principals[stored.ID], p.principals) {
			result.Unchanged++
			continue
		}
		w.changed = append(w.changed, p)
	}
	return fresh
}

func (w *importation) fresh(in *vcon.Conversation) *Conversation {
	c := rowsOf(in, nil, w.keys)
	c.ImportedAt = w.now
	for _, segment := range c.Segments {
		c.Media = append(c.Media, segment.Wanted...)
	}
	c.derive(w.now)
	return c
}

// insertConversations inserts what nobody else has inserted meanwhile.
func (w *importation) insertConversations(ctx context.Context, fresh []*pending) error {
	if len(fresh) == 0 {
		return nil
	}
	rows := make([]*Conversation, 0, len(fresh))
	for _, p := range fresh {
		rows = append(rows, p.wanted)
	}
	var inserted []struct {
		ID       int64
		VconUUID uuid.UUID
	}
	_, err := w.tx.NewInsert().Model(&rows).ExcludeColumn("id").On("CONFLICT (vcon_uuid) DO NOTHING").Returning("id, vcon_uuid").Exec(ctx, &inserted)
	if err != nil {
		return err
	}
	ids := map[uuid.UUID]int64{}
	for _, row := range inserted {
		ids[row.VconUUID] = row.ID
	}
	for _, p := range fresh {
		if id, is := ids[p.wanted.VconUUID]; is {
			p.wanted.ID = id
			w.added = append(w.added, p)
		}
	}
	return nil
}

// without are the incoming vCons that were taken for new, but are not.
func (w *importation) without(fresh []*pending) []*vcon.Conversation {
	left := map[uuid.UUID]bool{}
	for _, p := range fresh {
		left[p.wanted.VconUUID] = true
	}
	for _, p := range w.added {
		delete(left, p.wanted.VconUUID)
	}
	var again []*vcon.Conversation
	for _, in := range w.incoming {
		if left[in.UUID] {
			again = append(again, in)
		}
	}
	return again
}
