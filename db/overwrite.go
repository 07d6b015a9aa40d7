package db

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// target is a column that a selection covers, and what anonymizing writes there (design, section 4, first
// table).
type target struct {
	count       compliance.ValueKind
	column      bun.Ident
	placeholder compliance.Placeholder
	narrow      schema.QueryWithArgs // further condition on the row (alias t)
	detail      string               // the Detail of a compliance.Value; empty where the kind of values has none
}

// flag is the column that says whether the target is anonymized.
func (t target) flag() bun.Ident { return t.column + "_anonymized" }

// due is the condition on a row (alias t) under which its value is overwritten: an empty value stays empty,
// and what is anonymized already stays as it is.
func (t target) due() schema.QueryWithArgs {
	return bun.SafeQuery("(t.? <> '' AND NOT t.? AND ?)", t.column, t.flag(), t.narrow)
}

// overwrite puts the placeholders where the selected values stand, in one statement for each table, and
// counts them.
func overwrite(
	ctx context.Context, tx bun.IDB, selection compliance.Selection, ids []int64,
) (conversation.Overwritten, error) {
	overwritten := conversation.Overwritten{}
	for _, table := range storedTables() {
		covered := table.targets(selection)
		if len(covered) == 0 {
			continue
		}
		rows, err := table.overwrite(ctx, tx, covered, ids)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			for i, t := range covered {
				if row.Due[i] {
					overwritten.Add(row.ConversationID, compliance.Value{Kind: t.count}, 1)
				}
			}
		}
	}
	return overwritten, nil
}

// overwrittenRow is a row in which something was overwritten: which of the targets were due, in their order.
type overwrittenRow struct {
	ConversationID int64
	Due            []bool `bun:",array"`
}

// overwrite overwrites targets of the table in the rows of these conversations. It looks first for what is
// due, since an UPDATE of PostgreSQL 15 returns no old values.
func (t storedTable) overwrite(
	ctx context.Context, tx bun.IDB, covered []target, ids []int64,
) (rows []overwrittenRow, err error) {
	table := bun.Ident(t.name)
	look := tx.NewSelect().TableExpr("? AS t", table).Where("t.conversation_id IN (?)", bun.List(ids))
	update := tx.NewUpdate().TableExpr("? AS o", table).TableExpr("look")
	for _, key := range t.key {
		look.ColumnExpr("t.?", key)
		update.Where("o.? = look.?", key, key)
	}
	var due []bun.Ident
	for _, c := range covered {
		isDue := "look." + c.column + "_due"
		due = append(due, isDue)
		look.ColumnExpr("? AS ?", c.due(), c.column+"_due")
		update.Set("? = CASE WHEN ? THEN ? ELSE o.? END", c.column, isDue, string(c.placeholder), c.column)
		update.Set("? = o.? OR ?", c.flag(), c.flag(), isDue)
	}
	_, err = update.WithQuery(bun.NewWithQuery("look", look).Materialized()).
		Where("true IN (?)", bun.List(due)).
		Returning("o.conversation_id, ARRAY[?] AS due", bun.List(due)).
		Exec(ctx, &rows)
	return rows, err
}
