package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
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

// overwrite puts the placeholders where the selected values stand. An empty value stays empty, and what is anonymized already stays as it is.
func (w *anonymization) overwrite(ctx context.Context) error {
	for _, t := range targets(w.selection) {
		if !t.on {
			continue
		}
		if err := w.overwriteColumn(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (w *anonymization) overwriteColumn(ctx context.Context, t target) error {
	query := w.tx.NewUpdate().TableExpr("? AS t", t.table).
		Set("? = ?, ? = true", t.column, string(t.placeholder), t.flag()).
		ApplyQueryBuilder(t.rows(w.ids)).
		Returning("t.conversation_id")
	var touched []int64
	if _, err := query.Exec(ctx, &touched); err != nil {
		return err
	}
	for _, id := range touched {
		w.counts[id][string(t.count)]++
	}
	return nil
}
