package db

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"qm-compliance/compliance"
)

// keptValues are the values that anonymizing leaves, counted by the id of their conversation.
type keptValues map[int64]map[compliance.KeptData]int

// countKept counts, in one statement for each table, the values that anonymizing with a selection leaves, and adds them
// to kept once the batch is sent: what no switch covers, and what a switch covers that is off. Values that are empty or
// anonymized are none.
func countKept(batch *pgx.Batch, selection compliance.Selection, ids []int64, kept keptValues) {
	for _, table := range storedTables() {
		given, detail := arguments{ids}, "''::text"
		var stays []string
		var kinds []compliance.KeptKind
		for _, column := range table.personal {
			condition := column.stays(selection, &given)
			if condition == "" {
				continue
			}
			stays, kinds = append(stays, condition), append(kinds, column.kept)
			if column.kept == compliance.KeptMetadataValue {
				detail = column.overwriting.detail
			}
		}
		if len(stays) == 0 {
			continue
		}
		queueCounts(batch, table.name, given, detail, stays, func(id int64, key string, at, count int) {
			if kept[id] == nil {
				kept[id] = map[compliance.KeptData]int{}
			}
			kept[id][compliance.KeptData{Kind: kinds[at], Key: key}] += count
		})
	}
}

// stays is the condition on a row (alias t) under which anonymizing leaves the value of a column; empty where it never
// does, or where the value is not named among what is kept.
func (c PersonalColumn) stays(selection compliance.Selection, given *arguments) string {
	if c.kept == "" {
		return ""
	}
	if c.Removal != Overwritten {
		return fmt.Sprintf("(t.%s <> '')", c.Column)
	}
	stays := fmt.Sprintf("t.%[1]s <> '' AND NOT t.%[1]s_anonymized", c.Column)
	covered := slices.ContainsFunc(c.CoveredBy, func(by Coverage) bool { return by.Switch.on(selection) })
	if !covered {
		return "(" + stays + ")"
	}
	if c.overwriting.narrow == "" {
		return ""
	}
	values := c.overwriting.narrowBy(selection)
	if values == nil {
		return ""
	}
	return "(" + stays + " AND NOT (" + strings.Replace(c.overwriting.narrow, "?", given.add(values), 1) + "))"
}

// queueCounts counts the rows of a table (alias t) of the conversations $1 for which each of the conditions holds, by
// conversation and detail, and hands the counts that are not zero to add, once the batch is sent.
func queueCounts(
	batch *pgx.Batch, table string, given arguments, detail string, conditions []string,
	add func(conversationID int64, detail string, condition, count int),
) {
	var counts []string
	for _, condition := range conditions {
		counts = append(counts, "count(*) FILTER (WHERE "+condition+")")
	}
	query := "SELECT t.conversation_id, " + detail + ", ARRAY[" + strings.Join(counts, ", ") + "] FROM " + table +
		" AS t WHERE t.conversation_id = ANY ($1) AND (" + strings.Join(conditions, " OR ") + ") GROUP BY 1, 2"
	batch.Queue(query, given...).Query(func(rows pgx.Rows) error {
		var id int64
		var detail string
		var counts []int
		_, err := pgx.ForEachRow(rows, []any{&id, &detail, &counts}, func() error {
			for at, count := range counts {
				if count > 0 {
					add(id, detail, at, count)
				}
			}
			return nil
		})
		return err
	})
}

// raiseRevisions notes that conversations change, for the jobs that planned them.
func raiseRevisions(batch *pgx.Batch, ids []int64) {
	if len(ids) > 0 {
		batch.Queue("UPDATE conversations SET revision = revision + 1 WHERE id = ANY ($1)", ids)
	}
}
