package graph_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"qm-compliance/db"
)

// keepLogClean fails a test in whose log, at debug level, a value of the database stands that is personal: one that it
// has now, or has when the test ends. The ids of those who use the API are shown by design.
func (a *api) keepLogClean(t testing.TB) {
	t.Helper()
	before := a.personalValues(t)
	if len(before) < 20 {
		t.Errorf("the database has only %d personal values: the search is blind", len(before))
	}
	t.Cleanup(func() {
		log := a.log.String()
		for _, value := range append(before, a.personalValues(t)...) {
			if at := strings.Index(log, value); at >= 0 {
				t.Errorf("the log has %q: %.300s", value, log[max(0, at-150):])
			}
		}
	})
}

// personalValues are the values of all columns with personal data, as far as they are long enough not to stand in a log
// by chance.
func (a *api) personalValues(t testing.TB) (values []string) {
	t.Helper()
	var parts []string
	for _, column := range db.PersonalColumns() {
		ids := []string{
			"saved_by", "subject", "requested_by", "actor_id", "planned_by", "started_by", "paused_by", "cancelled_by",
		}
		if slices.Contains(ids, column.Column) {
			continue
		}
		parts = append(parts, fmt.Sprintf("SELECT %s::text AS value FROM %s", column.Column, column.Table))
	}
	query := "SELECT DISTINCT value FROM (" + strings.Join(parts, " UNION ALL ") + ") AS v WHERE length(value) >= 6"
	rows, err := a.pool.Query(context.Background(), query) // the context of a test has ended when it is cleaned up
	if err != nil {
		return nil // a test has taken the database away, or broken its tables
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Error(err)
		}
		values = append(values, value)
	}
	return values
}

// keptLog is a log that is read while others write to it.
type keptLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write is part of io.Writer.
func (l *keptLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all that was written.
func (l *keptLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
