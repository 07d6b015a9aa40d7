package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// Outgoing is a conversation as it leaves: the vCons that it is made of.
type Outgoing struct {
	ID      int64
	Sources []*conversation.Incoming
}

// ExportConversations reads those of the conversations that the access covers, in the order of the ids. The
// values are as they are stored; recordings have their StoreKey and no body. All is read at the same instant,
// in as many statements for a hundred conversations as for one.
func (s *Store) ExportConversations(ctx context.Context, access Access, ids []int64) (exports []Outgoing, err error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	err = s.atOneInstant(ctx, func(ctx context.Context, tx transaction) error {
		var rows []*conversation.Conversation
		query := tx.NewSelect().Model(&rows).Where("conversation.id IN (?)", bun.List(ids)).Apply(access.restrict)
		if err := query.Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		rows = inOrder(ids, rowsByID(rows))
		if err := loadRelations(ctx, tx, rows, everyRelation(), nil); err != nil {
			return err
		}
		groups, err := groupsOf(ctx, tx, conversationIDs(rows))
		for _, c := range rows {
			exports = append(exports, Outgoing{ID: c.ID, Sources: c.Outgoing(groups)})
		}
		return err
	})
	return exports, err
}

// ExportParts splits conversations, in their order, into parts that can be read together: the texts of each
// have at most so many bytes, unless those of its only conversation have more. PostgreSQL tells the sizes
// without reading long texts.
func (s *Store) ExportParts(ctx context.Context, ids []int64, most int64) (parts [][]int64, err error) {
	const query = `
SELECT conversation_id, sum(size)::bigint
  FROM (SELECT conversation_id, octet_length(text) AS size FROM messages WHERE conversation_id = ANY ($1)
         UNION ALL SELECT conversation_id, octet_length(value) FROM metadata WHERE conversation_id = ANY ($1)
         UNION ALL SELECT conversation_id, octet_length(title) FROM segments WHERE conversation_id = ANY ($1)
         UNION ALL SELECT conversation_id, octet_length(name) FROM participants WHERE conversation_id = ANY ($1)) AS texts
 GROUP BY conversation_id`
	sizes, batch := map[int64]int64{}, new(pgx.Batch)
	batch.Queue(query, ids).Query(func(rows pgx.Rows) error {
		var id, size int64
		_, err := pgx.ForEachRow(rows, []any{&id, &size}, func() error {
			sizes[id] = size
			return nil
		})
		return err
	})
	err = s.inTx(ctx, func(ctx context.Context, tx transaction) error { return tx.send(ctx, batch, nil) })
	if err != nil {
		return nil, err
	}
	first, held := 0, int64(0)
	for i, id := range ids {
		if held += sizes[id]; held > most && i > first {
			parts, first, held = append(parts, ids[first:i]), i, sizes[id]
		}
	}
	return append(parts, ids[first:]), nil
}

// groupsOf reads the groups that see each vCon.
func groupsOf(ctx context.Context, db bun.IDB, conversations []int64) (map[uuid.UUID][]string, error) {
	var rows []*principal
	prefix := conversation.GroupPrincipal("")
	err := db.NewSelect().Model(&rows).
		Where("conversation_id IN (?) AND starts_with(principal, ?)", bun.List(conversations), prefix).
		OrderExpr(`principal COLLATE "C"`).Scan(ctx)
	groups := map[uuid.UUID][]string{}
	for _, row := range rows {
		groups[row.VconUUID] = append(groups[row.VconUUID], strings.TrimPrefix(row.Principal, prefix))
	}
	return groups, err
}

// Exported is what the audit log has of the export of a conversation.
type Exported struct {
	ConversationID int64
	audit.Export
}

// RecordExports records that conversations are about to leave as vCons, all in one transaction. The exporter
// calls it first, so that nothing leaves that the log does not have.
func (s *Store) RecordExports(ctx context.Context, op audit.Operation, exports []Exported) error {
	var events []audit.Event
	for _, exported := range exports {
		events = append(events, audit.Event{
			Activity: audit.ConversationExported, Result: audit.Success,
			ConversationID: exported.ConversationID, Details: exported.Export,
		})
	}
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		return s.record(ctx, tx, op, nil, events...)
	})
}
