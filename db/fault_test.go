package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"qm-compliance/compliance"
	"qm-compliance/postgres/postgrestest"
)

// errFault is what the database is made to fail with.
var errFault = errors.New("the database failed")

// faulty is a connector whose connections fail at the n-th thing that is asked of them, and at everything
// after it: statements, commits.
type faulty struct {
	driver.Connector
	asked, failAt atomic.Int64
}

func (f *faulty) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := f.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyConn{conn.(faultless), f}, nil
}

// fails counts what is asked, and says whether it is time to fail.
func (f *faulty) fails() error {
	if at := f.failAt.Load(); at > 0 && f.asked.Add(1) >= at {
		return errFault
	}
	return nil
}

// faultless is what pgx's connections can do.
type faultless interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	Conn() *pgx.Conn
}

type faultyConn struct {
	faultless
	faulty *faulty
}

// isFault reports whether an error is one that the database was made to fail with.
func isFault(err error) bool {
	const divisionByZero = "22012" // of TraceBatchStart
	return errors.Is(err, errFault) || RefusalCode(err) == divisionByZero
}

// Conn is what batches go over; TraceBatchStart makes them fail.
func (c *faultyConn) Conn() *pgx.Conn { return c.faultless.Conn() }

// TraceBatchStart puts a statement that PostgreSQL refuses in the place of the one that is to fail.
func (f *faulty) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	for _, query := range data.Batch.QueuedQueries {
		if f.fails() != nil {
			query.SQL, query.Arguments = "SELECT 1 / 0", nil
			break
		}
	}
	return ctx
}

func (f *faulty) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (f *faulty) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// TraceQueryStart is there because pgx takes no tracer without it.
func (f *faulty) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (f *faulty) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.faulty.fails(); err != nil {
		return nil, err
	}
	return c.faultless.ExecContext(ctx, query, args)
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.faulty.fails(); err != nil {
		return nil, err
	}
	return c.faultless.QueryContext(ctx, query, args)
}

func (c *faultyConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if err := c.faulty.fails(); err != nil {
		return nil, err
	}
	tx, err := c.faultless.BeginTx(ctx, options)
	return &faultyTx{tx, c.faulty}, err
}

type faultyTx struct {
	driver.Tx
	faulty *faulty
}

// Commit that fails has not happened: the transaction is rolled back, as by a connection that breaks before it.
func (t *faultyTx) Commit() error {
	if err := t.faulty.fails(); err != nil {
		return errors.Join(err, t.Tx.Rollback())
	}
	return t.Tx.Commit()
}

// newFaultyStore returns a store that can be made to fail, and one on the same database that never does.
func newFaultyStore(t *testing.T) (broken, sound *Store, fault *faulty) {
	t.Helper()
	url := postgrestest.URL(t)
	pool, bun, err := Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	fault = &faulty{}
	config.ConnConfig.Tracer, config.ConnConfig.DefaultQueryExecMode = fault, pgx.QueryExecModeExec
	other, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	fault.Connector = stdlib.GetPoolConnector(other)
	brokenDB := NewBun(sql.OpenDB(fault))
	t.Cleanup(func() { _ = brokenDB.Close(); other.Close(); _ = bun.Close(); pool.Close() })
	sound, err = New(t.Context(), bun, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return &Store{db: brokenDB, now: sound.now, identity: sound.identity}, sound, fault
}

// Nothing in between: whichever step of the transaction fails, the conversation is unchanged, and nothing
// about it is recorded or requested.
func TestAnonymizingHappensEntirelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	broken, sound, fault := newFaultyStore(t)
	importOne(t, sound)
	saveEverything(t, sound)
	before := contents(t, sound)
	for step := int64(1); ; step++ {
		fault.asked.Store(0)
		fault.failAt.Store(step)
		_, err := broken.Anonymize(t.Context(), deed(), Everything(), []int64{1})
		fault.failAt.Store(0)
		if err == nil {
			if step < 24 {
				t.Fatalf("the transaction has only %d steps; the test does not reach all of them", step-1)
			}
			break
		}
		if !isFault(err) {
			t.Fatalf("step %d failed with something else: %v", step, err)
		}
		if after := contents(t, sound); after != before {
			t.Fatalf("after step %d failed the database has changed:\n%s\nwas:\n%s", step, after, before)
		}
	}
	if after := contents(t, sound); after == before {
		t.Error("nothing failed, yet nothing changed")
	}
}

// The same for a batch of a job: whichever step fails, nothing has changed, neither in the conversations nor in the job,
// and the next attempt does all of it.
func TestABatchHappensEntirelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	broken, sound, fault := newFaultyStore(t)
	importOne(t, sound)
	saveEverything(t, sound)
	job, _, err := sound.PlanJob(t.Context(), requester(), JobSet{Filter: &Filter{}})
	if err != nil {
		t.Fatal(err)
	}
	for worked := true; worked; {
		if worked, err = sound.WorkOnJob(t.Context(), job.ID, JobWorker{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sound.StartJob(t.Context(), requester(), job.ID, JobStart{}); err != nil {
		t.Fatal(err)
	}
	before := contents(t, sound)
	for step := int64(1); ; step++ {
		fault.asked.Store(0)
		fault.failAt.Store(step)
		_, err := broken.WorkOnJob(t.Context(), job.ID, JobWorker{})
		fault.failAt.Store(0)
		if err == nil {
			if step < 20 {
				t.Fatalf("the transaction has only %d steps; the test does not reach all of them", step-1)
			}
			break
		}
		if !isFault(err) {
			t.Fatalf("step %d failed with something else: %v", step, err)
		}
		if after := contents(t, sound); after != before {
			t.Fatalf("after step %d failed the database has changed:\n%s\nwas:\n%s", step, after, before)
		}
	}
	if done, err := sound.Job(t.Context(), Everything(), job.ID); err != nil || done.Done != 1 {
		t.Errorf("nothing failed, yet %+v, %v", done, err)
	}
}

// contents is everything in the tables that anonymizing writes, as text.
func contents(t *testing.T, s *Store) string {
	t.Helper()
	all := ""
	for _, table := range []string{"conversations", "participants", "segments", "messages", "metadata", "media_files",
		"media_deletion_requests", "audit_operations", "audit_events", "audit_totals", "anonymization_jobs",
		"anonymization_job_batches", "anonymization_job_conversations", "anonymization_job_counts",
		"anonymization_job_files"} {
		var text string
		if err := s.db.NewRaw(fmt.Sprintf("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM %s AS"+
			" t", table)).Scan(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		all += table + "\n" + text + "\n"
	}
	return all
}

func saveEverything(t *testing.T, s *Store) {
	t.Helper()
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wanted := Wanted{Basic: map[compliance.BasicItem]bool{}}
	for _, item := range compliance.BasicItems() {
		wanted.Basic[item] = true
	}
	for _, key := range settings.Keys {
		wanted.Keys = append(wanted.Keys, compliance.KeySwitch{Key: key.Name, On: true})
	}
	if _, err := s.SaveSettings(t.Context(), deed(),
		Save{BaseVersion: settings.Version, Wanted: &wanted}); err != nil {
		t.Fatal(err)
	}
}
