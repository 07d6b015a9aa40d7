package db

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/postgres"
	"qm-compliance/postgres/postgrestest"
)

// connectWith opens a pool that is closed when the test ends.
func connectWith(t *testing.T, url string, options PoolOptions) (*pgxpool.Pool, *bun.DB) {
	t.Helper()
	pool, database, err := ConnectWith(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close(); pool.Close() })
	return pool, database
}

func newProbe(t *testing.T, pool *pgxpool.Pool) *Probe {
	t.Helper()
	probe, err := NewProbe(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = probe.Close() })
	return probe
}

func TestConnectionsFit(t *testing.T) {
	t.Parallel()
	for processors, want := range map[int]int{1: 10, 2: 10, 3: 12, 7: 28, 8: 30, 128: 30} {
		if got := connectionsFor(processors); got != want {
			t.Errorf("%d processors: %d connections, want %d", processors, got, want)
		}
	}
	url := postgrestest.URL(t)
	fit := int32(connectionsFor(runtime.GOMAXPROCS(0)))
	for _, row := range []struct {
		suffix string
		option int
		want   int32
	}{{"", 0, fit}, {"", 3, 3}, {"pool_max_conns=7", 0, 7}, {"pool_max_conns=7", 3, 3}} {
		address := url
		if row.suffix != "" {
			address += map[bool]string{true: "&", false: "?"}[strings.Contains(url, "?")] + row.suffix
		}
		pool, _ := connectWith(t, address, PoolOptions{Connections: row.option})
		if got := pool.Config().MaxConns; got != row.want {
			t.Errorf("%q and %d: %d connections, want %d", row.suffix, row.option, got, row.want)
		}
	}
}

// Every connection is taken: a statement waits for a limited time and is told so, the probe answers all the
// same, and a caller that gives up itself is told nothing else.
func TestWaitingForAConnection(t *testing.T) {
	t.Parallel()
	pool, database := connectWith(t, postgrestest.URL(t), PoolOptions{Connections: 1, Wait: time.Millisecond})
	probe := newProbe(t, pool)
	taken, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = database.ExecContext(t.Context(), "SELECT 1")
	if Unavailable(err) != Busy {
		t.Errorf("with every connection taken: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := database.ExecContext(ctx, "SELECT 1"); Unavailable(err) != Available || err == nil {
		t.Errorf("given up by the caller: %v", err)
	}
	if err := probe.Writable(t.Context()); err != nil {
		t.Errorf("the probe: %v", err)
	}
	taken.Release()
	if _, err := database.ExecContext(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("with a free connection: %v", err)
	}
}

func TestStatementsHaveALimit(t *testing.T) {
	t.Parallel()
	url := postgrestest.URL(t)
	_, limited := connectWith(t, url, PoolOptions{Statement: 30 * time.Millisecond})
	if _, err := limited.ExecContext(t.Context(), "SELECT pg_sleep(600)"); Unavailable(err) != Slow {
		t.Errorf("a long statement: %v", err)
	}
	_, unlimited := connectWith(t, url, PoolOptions{})
	var limit string
	err := unlimited.NewRaw("SHOW statement_timeout").Scan(t.Context(), &limit)
	if err != nil || limit != "0" {
		t.Errorf("without the option the limit is %s, %v", limit, err)
	}
}

// A session that turns out to be read-only makes the pool open new ones, over a statement as over the probe.
func TestThePoolLeavesAReadOnlySession(t *testing.T) {
	t.Parallel()
	for name, find := range map[string]func(context.Context, *bun.DB, *Probe) error{
		"a statement": func(ctx context.Context, database *bun.DB, _ *Probe) error {
			_, err := database.ExecContext(ctx, "CREATE TABLE refused ()")
			return err
		},
		"a batch": func(ctx context.Context, database *bun.DB, _ *Probe) error {
			return (&Store{db: database}).inTx(ctx, func(ctx context.Context, tx transaction) error {
				batch := new(pgx.Batch)
				batch.Queue("SELECT pg_notify('nobody', '')")
				batch.Queue("CREATE TABLE refused ()")
				return tx.send(ctx, batch, nil)
			})
		},
		"the probe": func(ctx context.Context, _ *bun.DB, probe *Probe) error { return probe.Writable(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, database := connectWith(t, postgrestest.URL(t), PoolOptions{Connections: 1})
			probe := newProbe(t, pool)
			for _, session := range []*pgxpool.Pool{pool, probe.own} {
				if _, err := session.Exec(t.Context(), "SET default_transaction_read_only = on"); err != nil {
					t.Fatal(err)
				}
			}
			if err := find(t.Context(), database, probe); Unavailable(err) != ReadOnly {
				t.Fatalf("the read-only session: %v", err)
			}
			if _, err := database.ExecContext(t.Context(), "CREATE TABLE taken ()"); err != nil {
				t.Errorf("the next statement: %v", err)
			}
		})
	}
}

// newServer is a PostgreSQL of the test's own.
func newServer(t *testing.T) *postgres.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "qm-") // the server's user can enter it, unlike t.TempDir's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: filepath.Join(dir, "data"), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// makeReadOnly makes a server refuse changes, as a primary that was demoted.
func makeReadOnly(t *testing.T, server *postgres.Server) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range []string{
		"ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()",
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// The address names two servers. When the first one is demoted, what is connected moves to the other one,
// whoever finds out first; at no time is a server that takes no changes called writable.
func TestFailover(t *testing.T) {
	t.Parallel()
	first, second := newServer(t), newServer(t)
	_, secondHost, _ := strings.Cut(second.URL(), "?host=")
	pool, database := connectWith(t, first.URL()+","+secondHost, PoolOptions{})
	probe := newProbe(t, pool)
	at := func() (dir string) {
		if err := database.NewRaw("SHOW data_directory").Scan(t.Context(), &dir); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	if err := probe.Writable(t.Context()); err != nil || at() != first.Dir() {
		t.Fatalf("at first: %v, %s", err, at())
	}
	makeReadOnly(t, first)
	deadline, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	moved := false
	for !moved && deadline.Err() == nil {
		_, err := database.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS change ()")
		if err != nil && Unavailable(err) != ReadOnly {
			t.Fatalf("while it moves: %v", err)
		}
		moved = err == nil && at() == second.Dir()
	}
	if !moved {
		t.Fatal("the pool stays with the demoted server")
	}
	if err := probe.Writable(t.Context()); err != nil && Unavailable(err) != ReadOnly {
		t.Fatal(err)
	}
	if err := probe.Writable(t.Context()); err != nil {
		t.Errorf("the probe does not follow: %v", err)
	}
	makeReadOnly(t, second)
	for deadline.Err() == nil {
		if err := probe.Writable(t.Context()); Unavailable(err) == ReadOnly {
			return // no server takes changes now
		}
	}
	t.Error("the probe calls a server writable that is not")
}

// The server cuts a session under a statement, and is gone afterwards.
func TestACutIsAnOutage(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	pool, database := connectWith(t, server.URL(), PoolOptions{})
	conn, err := database.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var pid int
	if err := conn.QueryRowContext(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	cut := make(chan error, 1)
	go func() {
		_, err := conn.ExecContext(context.Background(), "SELECT pg_sleep(600)")
		cut <- err
	}()
	if _, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend($1)", pid); err != nil {
		t.Fatal(err)
	}
	if err := <-cut; Unavailable(err) != Gone {
		t.Errorf("the statement: %v", err)
	}
	if _, err := conn.ExecContext(t.Context(), "SELECT 1"); Unavailable(err) != Gone {
		t.Errorf("the next one on the same connection: %v", err)
	}
	process, err := os.FindProcess(postmaster(t, server))
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	deadline, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for range 2 { // the first time on a connection of the pool, the second time while it connects
		_, err := database.ExecContext(t.Context(), "SELECT 1")
		for err == nil && deadline.Err() == nil { // its processes have not noticed yet
			_, err = database.ExecContext(t.Context(), "SELECT 1")
		}
		if Unavailable(err) != Gone {
			t.Errorf("without a server: %v", err)
		}
		pool.Reset()
	}
}

func postmaster(t *testing.T, server *postgres.Server) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(server.Dir(), "postmaster.pid"))
	first, _, _ := strings.Cut(string(content), "\n")
	pid, parseErr := strconv.Atoi(first)
	if err != nil || parseErr != nil {
		t.Fatal(err, parseErr)
	}
	return pid
}
