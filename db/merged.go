package db

import (
	"context"

	"github.com/uptrace/bun"
)

// mergedInto tells, for ids of conversations that joined another one, which one that is; other ids are not in it.
func mergedInto(ctx context.Context, db bun.IDB, ids []int64) (map[int64]int64, error) {
	var rows []struct{ MergedID, ConversationID int64 }
	if len(ids) == 0 {
		return nil, nil
	}
	err := db.NewRaw("SELECT merged_id, conversation_id FROM conversation_merges WHERE merged_id IN (?)", bun.List(ids)).Scan(ctx, &rows)
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

// lockConversations reads the conversations with these ids as findConversations does, and keeps everybody else from changing them until the transaction ends.
func lockConversations(ctx context.Context, tx bun.IDB, access Access, ids []int64) (rows []*Conversation, current map[int64]int64, err error) {
	return findConversations(ctx, tx, access, ids, forUpdate)
}

// findConversations reads the conversations with these ids, as far as the access covers them, with their segments and files. An id that joined another
// conversation, even just now, finds that one: current tells which. The order by id keeps two transactions that lock the same conversations from waiting
// for each other.
func findConversations(ctx context.Context, tx bun.IDB, access Access, ids []int64, lock rowLock) (rows []*Conversation, current map[int64]int64, err error) {
	current = map[int64]int64{}
	tried := map[int64]bool{}
	for wanted := ids; len(wanted) > 0; {
		var found []*Conversation
		query := tx.NewSelect().Model(&found).Where("c.id IN (?)", bun.List(wanted)).OrderExpr("c.id").Apply(lock.apply, access.restrict)
		if err := query.Scan(ctx); err != nil {
			return nil, nil, err
		}
		for _, c := range found {
			if current[c.ID] == 0 {
				current[c.ID] = c.ID
				rows = append(rows, c)
			}
		}
		if wanted, err = followMerges(ctx, tx, ids, current, tried); err != nil {
			return nil, nil, err
		}
	}
	return rows, current, loadContent(ctx, tx, rows, lock)
}

// followMerges notes where the ids that were not found went, and returns those of the conversations that are to be looked for yet. One that was tried and not
// found is out of the access, or has itself joined another one since.
func followMerges(ctx context.Context, tx bun.IDB, ids []int64, current map[int64]int64, tried map[int64]bool) (wanted []int64, err error) {
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
func loadContent(ctx context.Context, tx bun.IDB, rows []*Conversation, lock rowLock) error {
	if len(rows) == 0 {
		return nil
	}
	byID, ids := map[int64]*Conversation{}, []int64{}
	for _, c := range rows {
		byID[c.ID], ids = c, append(ids, c.ID)
	}
	var segments []*Segment
	if err := tx.NewSelect().Model(&segments).Where("conversation_id IN (?)", bun.List(ids)).OrderExpr("conversation_id, position").Scan(ctx); err != nil {
		return err
	}
	for _, segment := range segments {
		byID[segment.ConversationID].Segments = append(byID[segment.ConversationID].Segments, segment)
	}
	var files []*MediaFile
	if err := tx.NewSelect().Model(&files).Where("conversation_id IN (?)", bun.List(ids)).OrderExpr("id").Apply(lock.apply).Scan(ctx); err != nil {
		return err
	}
	for _, file := range files {
		byID[file.ConversationID].Media = append(byID[file.ConversationID].Media, file)
	}
	return nil
}

// mergedBy counts, for each of the named correlation keys, the conversations of several vCons that have the same value of it: those that its values hold together.
func mergedBy(ctx context.Context, db bun.IDB, keys []string) (map[string]int, error) {
	counts := map[string]int{}
	if len(keys) == 0 {
		return counts, nil
	}
	const query = `
SELECT name, count(DISTINCT conversation_id) AS conversations
  FROM (SELECT k.name, md.conversation_id
          FROM metadata_keys AS k JOIN metadata AS md ON md.key_id = k.id AND NOT md.value_anonymized AND md.value <> ''
         WHERE k.name IN (?) AND EXISTS (SELECT FROM vcons AS v WHERE v.conversation_id = md.conversation_id AND v.uuid <> md.vcon_uuid)
         GROUP BY k.name, md.conversation_id, md.value HAVING count(DISTINCT md.vcon_uuid) > 1) AS held
 GROUP BY name`
	var rows []struct {
		Name          string
		Conversations int
	}
	err := db.NewRaw(query, bun.List(keys)).Scan(ctx, &rows)
	for _, row := range rows {
		counts[row.Name] = row.Conversations
	}
	return counts, err
}
