package db

import (
	"context"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// countFiles counts what becomes of the media files, before it does.
func (w *previewing) countFiles() {
	for _, c := range w.conversations {
		for _, file := range c.Media {
			w.outcomes[c.ID].Effect.Files[compliance.File{Kind: file.Kind, Disposition: w.disposition(file)}]++
		}
	}
}

// countValues counts the values that are overwritten, in one statement.
func (w *previewing) countValues(ctx context.Context) error {
	query := w.valuesQuery()
	if query == nil || len(w.ids) == 0 {
		return nil
	}
	var rows []struct {
		ConversationID int64
		Kind           compliance.ValueKind
		Detail         string
		Count          int
	}
	if err := query.Scan(ctx, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		w.counts[row.ConversationID][string(row.Kind)] += row.Count
		w.outcomes[row.ConversationID].Effect.Values[compliance.Value{Kind: row.Kind, Detail: row.Detail}] = row.Count
	}
	return nil
}

// valuesQuery counts the rows of each target that is on; nil where none is.
func (w *previewing) valuesQuery() *bun.SelectQuery {
	var all *bun.SelectQuery
	for _, t := range targets(w.selection) {
		if !t.on {
			continue
		}
		one := w.tx.NewSelect().TableExpr("? AS t", t.table).
			ColumnExpr("t.conversation_id, ?::text AS kind, ? AS detail, count(*) AS count", string(t.count), bun.Safe(t.detailed())).
			ApplyQueryBuilder(t.rows(w.ids)).GroupExpr("1, 3")
		if all == nil {
			all = one
		} else {
			all = all.UnionAll(one)
		}
	}
	return all
}

// detailed is the expression that tells apart what is counted of a target.
func (t target) detailed() string {
	if t.detail == "" {
		return "''::text"
	}
	return t.detail
}
