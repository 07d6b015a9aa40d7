package db

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"qm-compliance/vcon"
)

// statementCounter counts what is sent to the database, BEGIN and COMMIT included.
type statementCounter struct{ sent atomic.Int64 }

func (c *statementCounter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.sent.Add(1)
	return ctx
}

func (c *statementCounter) AfterQuery(context.Context, *bun.QueryEvent) {}

// countStatements returns how many statements do sends to the database.
func countStatements(t *testing.T, s *Store, do func(s *Store)) int64 {
	t.Helper()
	counter := new(statementCounter)
	counted := *s
	counted.db = s.db.WithQueryHook(counter)
	do(&counted)
	return counter.sent.Load()
}

// Anonymizing takes as many statements for a hundred conversations as for one, however much each of them holds.
func TestAnonymizingTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	// Two for the transaction, one for the settings, three to read, five to overwrite, and six to write: files, requests and their events,
	// conversations, events, notifications.
	const want = 17
	for _, count := range []int{1, 100} {
		s := newStore(t)
		var batch []*vcon.Conversation
		var ids []int64
		for n := range count {
			batch, ids = append(batch, sample(n+1)), append(ids, int64(n+1))
		}
		mustImport(t, s, batch...)
		saveEverything(t, s)
		got := countStatements(t, s, func(s *Store) {
			if done, err := s.Anonymize(t.Context(), importer, Everything(), ids); err != nil || len(done.Done) != count {
				t.Fatal(done, err)
			}
		})
		if got != want {
			t.Errorf("%d conversations take %d statements, want %d", count, got, want)
		}
	}
}
