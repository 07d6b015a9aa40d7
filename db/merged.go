package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// mergedInto tells, for ids of conversations that joined another one, which one that is; other ids are not in
// it.
func mergedInto(ctx context.Context, db bun.IDB, ids []int64) (map[int64]int64, error) {
	var rows []struct{ MergedID, ConversationID int64 }
	if len(ids) == 0 {
		return nil, nil
	}
	const query = "SELECT merged_id, conversation_id FROM conversation_merges WHERE merged_id IN (?)"
	err := db.NewRaw(query, bun.List(ids)).Scan(ctx, &rows)
	into := map[int64]int64{}
	for _, row := range rows {
		into[row.MergedID] = row.ConversationID
	}
	return into, err
}

// rowLock says whether rows are kept from changing until the transaction ends.
type rowLock bool

const (
	unlocked  rowLock = false
	forUpdate rowLock = true
)

func (l rowLock) apply(query *bun.SelectQuery) *bun.SelectQuery {
	if !l {
		return query
	}
	return query.For("UPDATE")
}

// found are the conversations that ids lead to.
type found struct {
	// rows are sorted by id where no id led to a conversation that another one joined; each is there once.
	rows []*conversation.Conversation
	// current tells for each id which conversation it leads to; 0 for none.
	current map[int64]int64
}

// split tells the ids that lead to a conversation from those that do not, in their order.
func (f found) split(ids []int64) (there, missing []int64) {
	for _, id := range ids {
		if f.current[id] != 0 {
			there = append(there, id)
		} else {
			missing = append(missing, id)
		}
	}
	return there, missing
}

// findConversations reads the conversations with these ids, as far as the access covers them, with their
// segments and files; a lock keeps everybody else from changing them. An id that joined another conversation,
// even just now, finds that one. The order by id keeps two transactions that lock the same conversations from
// waiting for each other.
func findConversations(
	ctx context.Context, tx bun.IDB, access Access, ids []int64, lock rowLock,
) (found, error) {
	all := found{current: map[int64]int64{}}
	tried := map[int64]bool{}
	for wanted := ids; len(wanted) > 0; {
		var rows []*conversation.Conversation
		query := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(wanted)).OrderExpr("id")
		if err := query.Apply(lock.apply, access.restrict).Scan(ctx); err != nil {
			return found{}, err
		}
		for _, c := range rows {
			if all.current[c.ID] == 0 {
				all.current[c.ID] = c.ID
				all.rows = append(all.rows, c)
			}
		}
		var err error
		if wanted, err = followMerges(ctx, tx, ids, all.current, tried); err != nil {
			return found{}, err
		}
	}
	return all, loadContent(ctx, tx, all.rows, lock)
}

// followMerges notes where the ids that were not found went, and returns those of the conversations that are
// to be looked for yet. One that was tried and not found is out of the access, or has itself joined another
// one since.
func followMerges(
	ctx context.Context, tx bun.IDB, ids []int64, current map[int64]int64, tried map[int64]bool,
) (wanted []int64, err error) {
	var missing []int64
	for _, id := range ids {
		if current[id] == 0 {
			missing = append(missing, id)
		}
	}
	into, err := mergedInto(ctx, tx, missing)
	for _, id := range missing {
		target := into[id]
		switch {
		case target == 0:
		case current[target] != 0:
			current[id] = target
		case !tried[target]:
			tried[target] = true
			wanted = append(wanted, target)
		}
	}
	return wanted, err
}

// loadContent fills in segments and files of conversations, and locks the files like them.
func loadContent(ctx context.Context, tx bun.IDB, rows []*conversation.Conversation, lock rowLock) error {
	if len(rows) == 0 {
		return nil
	}
	if err := loadSegments(ctx, tx, rows, nil); err != nil {
		return err
	}
	files, err := rowsOf(ctx, belonging[conversation.MediaFile](tx, rows).OrderExpr("id").Apply(lock.apply),
		func(f *conversation.MediaFile) int64 { return f.ConversationID })
	for _, c := range rows {
		c.Media = orEmpty(files[c.ID])
	}
	return err
}
