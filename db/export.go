package db

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// ExportConversations reads conversations as the vCons that they are made of, one list for each of the ids
// that the access covers, in the order of the ids. The values are as they are stored; recordings have their
// StoreKey and no body. All is read at the same instant.
func (s *Store) ExportConversations(
	ctx context.Context, access Access, ids []int64,
) (exports [][]*conversation.Incoming, err error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	err = s.atOneInstant(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []*conversation.Conversation
		query := tx.NewSelect().Model(&rows).Where("conversation.id IN (?)", bun.List(ids)).Apply(access.restrict)
		if err := query.Scan(ctx); err != nil || len(rows) == 0 {
			return err
		}
		rows = inOrder(ids, nil, rows)
		if err := loadRelations(ctx, tx, rows, everyRelation(), nil); err != nil {
			return err
		}
		groups, err := groupsOf(ctx, tx, conversationIDs(rows))
		for _, c := range rows {
			exports = append(exports, c.Outgoing(groups))
		}
		return err
	})
	return exports, err
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
