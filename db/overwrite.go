package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// target is a column that may hold personal data, and what anonymizing writes there (design, section 4, first table).
type target struct {
	count         compliance.ValueKind
	table, column bun.Ident
	placeholder   compliance.Placeholder
	on            bool
	narrow        string // further condition on the rows
	narrowBy      any
	detail        string // the Detail of a compliance.Value; empty where the kind of values has none
}

// flag is the column that says whether the target is anonymized.
func (t target) flag() bun.Ident { return t.column + "_anonymized" }

// rows narrows a query over the target's table (alias t) to what anonymizing these conversations overwrites.
func (t target) rows(ids []int64) func(bun.QueryBuilder) bun.QueryBuilder {
	return func(query bun.QueryBuilder) bun.QueryBuilder {
		query = query.Where("t.conversation_id IN (?)", bun.List(ids)).Where("t.? <> '' AND NOT t.?", t.column, t.flag())
		if t.narrow != "" {
			query = query.Where(t.narrow, t.narrowBy)
		}
		return query
	}
}

// overwrite puts the placeholders where the selected values stand, and counts them. An empty value stays empty, and what is anonymized already stays as it is.
func overwrite(ctx context.Context, tx bun.IDB, selection compliance.Selection, ids []int64) (conversation.Overwritten, error) {
	overwritten := conversation.Overwritten{}
	for _, t := range targets(selection) {
		if !t.on {
			continue
		}
		touched, err := t.overwrite(ctx, tx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range touched {
			overwritten.Add(id, compliance.Value{Kind: t.count}, 1)
		}
	}
	return overwritten, nil
}

// overwrite returns the id of its conversation for each value that it overwrote.
func (t target) overwrite(ctx context.Context, tx bun.IDB, ids []int64) (touched []int64, err error) {
	_, err = tx.NewUpdate().TableExpr("? AS t", t.table).
		Set("? = ?, ? = true", t.column, string(t.placeholder), t.flag()).
		ApplyQueryBuilder(t.rows(ids)).
		Returning("t.conversation_id").Exec(ctx, &touched)
	return touched, err
}
