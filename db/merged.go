package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
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

// clause is what a statement that reads rows ends with.
func (l rowLock) clause() string {
	if l {
		return " FOR UPDATE"
	}
	return ""
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
// segments and files, which have what decisions need; a lock keeps everybody else from changing them. An id that
// joined another conversation, even just now, finds that one. The order by id keeps two transactions that lock the
// same conversations from waiting for each other. It takes two round trips, and more where ids lead elsewhere; also
// adds statements about the conversations to the last one, and may be nil.
func findConversations(
	ctx context.Context, tx transaction, access Access, ids []int64, lock rowLock, also func(*pgx.Batch, []int64),
) (found, error) {
	all := found{current: map[int64]int64{}}
	tried := map[int64]bool{}
	for wanted := ids; len(wanted) > 0; {
		rows, err := readConversations(ctx, tx, access, wanted, lock)
		if err != nil {
			return found{}, err
		}
		for _, c := range rows {
			if all.current[c.ID] == 0 {
				all.current[c.ID] = c.ID
				all.rows = append(all.rows, c)
			}
		}
		if wanted, err = followMerges(ctx, tx, ids, all.current, tried); err != nil {
			return found{}, err
		}
	}
	if len(all.rows) == 0 {
		return all, nil
	}
	batch := new(pgx.Batch)
	readContent(batch, all.rows, lock)
	if also != nil {
		also(batch, conversationIDs(all.rows))
	}
	return all, tx.send(ctx, batch, nil)
}

func readConversations(
	ctx context.Context, tx transaction, access Access, ids []int64, lock rowLock,
) (rows []*conversation.Conversation, err error) {
	const query = `
SELECT c.id, c.started_at, c.ended_at, c.duration_ms, coalesce(c.direction, '') AS direction, c.types, c.reviewable,
       c.media_status, c.anonymized_at, c.settings_version, c.done_phone_number, c.done_digital_address,
       c.done_content, c.done_media, c.done_keys, c.imported_at
  FROM conversations AS c
 WHERE c.id = ANY ($1) AND ($2 OR EXISTS (
       SELECT FROM conversation_principals AS cp WHERE cp.conversation_id = c.id AND cp.principal = ANY ($3)))
 ORDER BY c.id`
	batch := new(pgx.Batch)
	collect(batch.Queue(query+lock.clause(), ids, access.All, append([]string{}, access.Principals...)),
		func(c *conversation.Conversation) { rows = append(rows, c) })
	return rows, tx.send(ctx, batch, nil)
}

// collect hands every row that a statement returns to keep, once the batch is sent. Columns are named as fields.
func collect[T any](query *pgx.QueuedQuery, keep func(*T)) {
	query.Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByNameLax[T])
		for _, row := range all {
			keep(row)
		}
		return err
	})
}

// followMerges notes where the ids that were not found went, and returns those of the conversations that are
// to be looked for yet. One that was tried and not found is out of the access, or has itself joined another
// one since.
func followMerges(
	ctx context.Context, tx transaction, ids []int64, current map[int64]int64, tried map[int64]bool,
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

// readContent fills in the segments and files of conversations once the batch is sent, and locks the files like
// them. Of a segment it reads the kind.
func readContent(batch *pgx.Batch, rows []*conversation.Conversation, lock rowLock) {
	byID := rowsByID(rows)
	for _, c := range rows {
		c.Segments, c.Media = []*conversation.Segment{}, []*conversation.MediaFile{}
	}
	const segments = `
SELECT id, conversation_id, position, kind FROM segments WHERE conversation_id = ANY ($1)
 ORDER BY conversation_id, position`
	collect(batch.Queue(segments, conversationIDs(rows)), func(s *conversation.Segment) {
		c := byID[s.ConversationID]
		c.Segments = append(c.Segments, s)
	})
	const files = `
SELECT id, conversation_id, segment_id, position, kind, status, media_type, started_at, duration_ms, source_url, origin,
       content_hash, store_key, size_bytes, planned_at, deleting_at, failure, protected, protected_until,
       protection_reason, protection_note
  FROM media_files WHERE conversation_id = ANY ($1) ORDER BY id`
	collect(batch.Queue(files+lock.clause(), conversationIDs(rows)), func(f *conversation.MediaFile) {
		c := byID[f.ConversationID]
		c.Media = append(c.Media, f)
	})
}

// settlePlaces stores, for conversations of several vCons and those that were there before, the order in which what
// belongs to them is read: vCons in order of time, by uuid where that is equal, and files by their segments. It writes
// the rows alone whose place is another one.
func settlePlaces(b *bulk, imports []conversation.Import) {
	var ids []int64
	for _, one := range imports {
		if one.Before.ID != 0 || len(one.After.Vcons) > 1 {
			ids = append(ids, one.After.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	const place = `
UPDATE %s AS t SET place = v.place
  FROM (SELECT uuid, conversation_id,
               row_number() OVER (PARTITION BY conversation_id ORDER BY started_at, uuid) - 1 AS place
          FROM vcons WHERE conversation_id = ANY ($1)) AS v
 WHERE t.conversation_id = v.conversation_id AND t.vcon_uuid = v.uuid AND t.place <> v.place`
	for _, table := range []string{"participants", "metadata"} {
		b.Queue(fmt.Sprintf(place, table), ids)
	}
	const bySegment = `
UPDATE media_files AS f SET segment_position = s.position
  FROM segments AS s
 WHERE s.conversation_id = ANY ($1) AND s.id = f.segment_id AND f.segment_position <> s.position`
	b.Queue(bySegment, ids)
}
