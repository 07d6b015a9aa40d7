package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// principal is a row of conversation_principals.
type principal struct {
	bun.BaseModel `bun:"table:conversation_principals,alias:cp"`

	ConversationID int64     `bun:",pk"`
	Principal      string    `bun:",pk"`
	VconUUID       uuid.UUID `bun:",pk"`
}

// mergeGroups sorts incoming vCons into the conversations that they become, and keeps everybody else from
// changing the stored ones. Somebody may have joined those meanwhile, so it looks again until everything that
// it found is locked. Before is sent first, with the first look.
func mergeGroups(
	ctx context.Context, tx transaction, keys conversation.KeyIndex, before *pgx.Batch, incoming []*conversation.Incoming,
) ([]conversation.MergeGroup, error) {
	locked := map[int64]*conversation.Conversation{}
	for ; ; before = new(pgx.Batch) {
		links, err := findLinks(ctx, tx, keys, before, incoming)
		if err != nil {
			return nil, err
		}
		missing := slices.DeleteFunc(links.Conversations(), func(id int64) bool { return locked[id] != nil })
		if len(missing) == 0 {
			return conversation.MergeGroups(incoming, locked, links, keys), nil
		}
		var rows []*conversation.Conversation
		query := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(missing)).OrderExpr("id").For("UPDATE")
		if err := query.Scan(ctx); err != nil {
			return nil, err
		}
		for _, row := range rows {
			locked[row.ID] = row
		}
	}
}

// findLinks finds what ties incoming vCons to stored conversations, in one round trip after what is to be
// done before.
func findLinks(
	ctx context.Context, tx transaction, keys conversation.KeyIndex, before *pgx.Batch, incoming []*conversation.Incoming,
) (conversation.Links, error) {
	links := conversation.Links{Stored: map[uuid.UUID]int64{}}
	var ids []uuid.UUID
	for _, in := range incoming {
		ids = append(append(ids, in.Names()...), in.MergedWith...)
	}
	const stored = `
SELECT uuid, conversation_id FROM vcons WHERE uuid = ANY ($1)
 UNION ALL SELECT uuid, conversation_id FROM vcon_versions WHERE uuid = ANY ($1)`
	before.Queue(stored, ids).Query(func(rows pgx.Rows) error {
		var name uuid.UUID
		var id int64
		_, err := pgx.ForEachRow(rows, []any{&name, &id}, func() error {
			links.Stored[name] = id
			return nil
		})
		return err
	})
	findMatches(before, keys, incoming, &links.Matches)
	return links, tx.send(ctx, before, nil)
}

// findMatches looks for the values of the incoming vCons among those that are stored. The index holds the
// beginning of a value without its case; the whole is compared, with it.
func findMatches(
	batch *pgx.Batch, keys conversation.KeyIndex, incoming []*conversation.Incoming, matches *[]conversation.Match,
) {
	var ids []int
	var names, values []string
	for _, in := range incoming {
		for _, m := range in.Metadata {
			if keys.Correlates(m.Key, m.Value) {
				ids, names, values = append(ids, keys.IDs[m.Key]), append(names, m.Key), append(values, m.Value)
			}
		}
	}
	if len(ids) == 0 {
		return
	}
	query := fmt.Sprintf(`
SELECT DISTINCT v.key, md.value, md.conversation_id
  FROM unnest($1::integer[], $2::text[], $3::text[]) AS v (key_id, key, value)
  JOIN metadata AS md ON md.key_id = v.key_id AND left(fold_case(md.value), %[1]d) = left(fold_case(v.value), %[1]d)
                     AND md.value = v.value AND NOT md.value_anonymized
 ORDER BY v.key, md.value, md.conversation_id`, indexedValue)
	batch.Queue(query, ids, names, values).Query(func(rows pgx.Rows) (err error) {
		*matches, err = pgx.CollectRows(rows, pgx.RowToStructByPos[conversation.Match])
		return err
	})
}

// findVersions reads which of these uuids are known as versions of a vCon.
func findVersions(ctx context.Context, tx bun.IDB, ids []uuid.UUID) (rows []*conversation.VconVersion, err error) {
	err = tx.NewSelect().Model(&rows).Where("uuid IN (?)", bun.List(ids)).Scan(ctx)
	return rows, err
}

// loadStored reads what is stored of every version of the incoming vCons; of the others in their
// conversations no more than where their segments and files stand. A base without an id is not stored. It
// returns the principals of the incoming vCons, sorted.
func loadStored(
	ctx context.Context, tx bun.IDB, bases []*conversation.Conversation, incoming []*conversation.Incoming,
) (map[uuid.UUID][]string, error) {
	stored := slices.DeleteFunc(slices.Clone(bases), func(c *conversation.Conversation) bool { return c.ID == 0 })
	if len(stored) == 0 {
		return nil, nil
	}
	var vcons []uuid.UUID
	for _, in := range incoming {
		vcons = append(vcons, in.Names()...)
	}
	versions, err := findVersions(ctx, tx, vcons)
	if err != nil {
		return nil, err
	}
	for _, version := range versions {
		vcons = append(vcons, version.StoredAs)
	}
	principals, err := principalsOf(ctx, tx, vcons)
	if err != nil {
		return nil, err
	}
	return principals, loadRelations(ctx, tx, stored, everyRelation(), vcons)
}

// principalsOf reads who sees each vCon.
func principalsOf(ctx context.Context, tx bun.IDB, vcons []uuid.UUID) (map[uuid.UUID][]string, error) {
	var rows []*principal
	const ofVcons = `vcon_uuid IN (?0)
		AND conversation_id IN (SELECT v.conversation_id FROM vcons AS v WHERE v.uuid IN (?0))`
	err := tx.NewSelect().Model(&rows).Where(ofVcons, bun.List(vcons)).OrderExpr(`principal COLLATE "C"`).Scan(ctx)
	principals := map[uuid.UUID][]string{}
	for _, row := range rows {
		principals[row.VconUUID] = append(principals[row.VconUUID], row.Principal)
	}
	return principals, err
}
