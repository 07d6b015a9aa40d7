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

// raiseRevisions notes that conversations change, for the jobs that planned them.
func raiseRevisions(batch *pgx.Batch, ids []int64) {
	if len(ids) > 0 {
		batch.Queue("UPDATE conversations SET revision = revision + 1 WHERE id = ANY ($1)", ids)
	}
}
