package db

import (
	"context"
	"database/sql"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"qm-compliance/conversation"
	"qm-compliance/postgres/postgrestest"
)

// traced counts the statements that reach PostgreSQL, whether bun or a batch sends them, and the round trips that
// they take.
type traced struct{ statements, roundTrips int }

func (c *traced) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	c.statements++
	c.roundTrips++
	return ctx
}

func (c *traced) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *traced) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	c.statements += data.Batch.Len()
	c.roundTrips++
	return ctx
}

func (c *traced) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (c *traced) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (c *traced) TracePrepareStart(ctx context.Context, _ *pgx.Conn, _ pgx.TracePrepareStartData) context.Context {
	return ctx
}

func (c *traced) TracePrepareEnd(_ context.Context, _ *pgx.Conn, data pgx.TracePrepareEndData) {
	if !data.AlreadyPrepared {
		c.roundTrips++
	}
}

// newTracedStore returns a store of one connection.
func newTracedStore(t *testing.T) (*Store, *traced) {
	t.Helper()
	config, err := pgxpool.ParseConfig(postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	counted := new(traced)
	config.ConnConfig.Tracer, config.ConnConfig.DefaultQueryExecMode = counted, pgx.QueryExecModeExec
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	bun := NewBun(sql.OpenDB(stdlib.GetPoolConnector(pool)))
	bun.SetMaxIdleConns(0)
	t.Cleanup(func() { _ = bun.Close(); pool.Close() })
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return s, counted
}

// Anonymizing takes as many statements and round trips for 500 conversations as for one, however much each of them
// holds, and reads none of their texts. It runs alone, since it counts what the process allocates.
func TestAnonymizingTakesAFixedNumberOfStatements(t *testing.T) {
	const (
		// Two for the transaction, one for the settings, three to find conversations, segments and files; one to count
		// the values of each of four tables and one for the vCons; four to overwrite them, and four to write uploads,
		// files, conversations and facets; one each for requests, the operation, its totals, its events, and notifications.
		wantStatements = 2 + 1 + 3 + 5 + 8 + 5
		// One each for the transaction's, the settings, the conversations, what belongs to them, overwriting, recording.
		wantRoundTrips = 2 + 1 + 1 + 1 + 1 + 1
		// A conversation takes so many allocations and bytes at most, most of them for its two events.
		mostAllocations, mostBytes = 300, 40_000
	)
	for _, count := range []int{1, 100, 500} {
		s, counted := newTracedStore(t)
		var batch []*conversation.Incoming
		var ids []int64
		for n := range count + 1 {
			batch, ids = append(batch, sample(n+1)), append(ids, int64(n+1))
		}
		mustImport(t, s, batch...)
		saveEverything(t, s)
		anonymize := func(some []int64) {
			done, err := s.Anonymize(t.Context(), deed(), Everything(), some)
			if err != nil || len(done.Done) != len(some) {
				t.Fatal(done, err)
			}
		}
		anonymize(ids[count:]) // prepares the statements
		*counted = traced{}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		anonymize(ids[:count])
		runtime.ReadMemStats(&after)
		if counted.statements != wantStatements || counted.roundTrips != wantRoundTrips {
			t.Errorf("%d conversations take %+v, want %d and %d", count, *counted, wantStatements, wantRoundTrips)
		}
		allocations := (after.Mallocs - before.Mallocs) / uint64(count)
		bytes := (after.TotalAlloc - before.TotalAlloc) / uint64(count)
		if count > 1 && (allocations > mostAllocations || bytes > mostBytes) {
			t.Errorf("a conversation of %d takes %d allocations, %d bytes", count, allocations, bytes)
		}
	}
}

// An import takes as many statements and round trips for a batch of new conversations as for one.
func TestImportTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	const (
		// Two for the transaction, one to wait for the disk, one each for the keys of metadata, the locks, and what is
		// stored; three for ids; one for each of eight tables and the facets; the operation, its totals, and its events. In round trips:
		// the transaction's, what begins it, locks with what is stored, ids, rows, events.
		fresh, freshTrips = 2 + 1 + 3 + 3 + 9 + 3, 2 + 1 + 1 + 1 + 1 + 1
	)
	for _, count := range []int{1, 100} {
		s, counted := newTracedStore(t)
		mustImport(t, s, sample(1000), sample(1001)) // the keys of metadata are known from now on
		mustImport(t, s, sample(1002))               // and the statements prepared
		var batch []*conversation.Incoming
		for n := range count {
			batch = append(batch, sample(n+1))
		}
		*counted = traced{}
		if _, err := s.Import(t.Context(), deed(), batch); err != nil {
			t.Fatal(err)
		}
		if counted.statements != fresh || counted.roundTrips != freshTrips {
			t.Errorf("an import of %d takes %+v, want %d and %d", count, *counted, fresh, freshTrips)
		}
	}
}

// An export takes as many statements for many conversations as for one.
func TestExportTakesAFixedNumberOfStatements(t *testing.T) {
	t.Parallel()
	// Events take four besides the transaction's two: the vCons' uuids in one round trip, and the operation, its totals
	// and the events in another.
	const exports, events = 11, 2 + 4
	for _, count := range []int{1, 100} {
		s := newStore(t)
		var batch []*conversation.Incoming
		var ids []int64
		var exported []Exported
		for n := range count {
			batch, ids = append(batch, sample(n+1)), append(ids, int64(n+1))
			exported = append(exported, Exported{ConversationID: int64(n + 1)})
		}
		mustImport(t, s, batch...)
		counted, statements := counting(s)
		found, err := counted.ExportConversations(t.Context(), Everything(), ids)
		if err != nil || len(found) != count {
			t.Fatal(len(found), err)
		}
		if got := statements.count.Swap(0); got != exports {
			t.Errorf("an export of %d takes %d statements, want %d", count, got, exports)
		}
		if err := counted.RecordExports(t.Context(), deed(), exported); err != nil {
			t.Fatal(err)
		}
		if got := statements.count.Load(); got != events {
			t.Errorf("%d events take %d statements, want %d", count, got, events)
		}
	}
}

// Where nothing may stay prepared, an import leaves nothing behind, and does the same.
func TestImportWithoutPreparedStatements(t *testing.T) {
	t.Parallel()
	_, bun := connectWith(t, postgrestest.URL(t), PoolOptions{Unprepared: true, Connections: 1})
	s, err := New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	changed := sample(2)
	changed.Participants[0].Name = "Eva"
	for i, want := range []ImportResult{{Added: 3}, {Updated: 1, Unchanged: 2}} {
		batch := []*conversation.Incoming{sample(1), sample(2), sample(3)}
		if i == 1 {
			batch[1] = changed
		}
		if got := mustImport(t, s, batch...); got != want {
			t.Errorf("import %d: %+v, want %+v", i, got, want)
		}
	}
	var left int
	if err := bun.NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(t.Context(), &left); err != nil || left > 0 {
		t.Errorf("%d statements are left, %v", left, err)
	}
}
