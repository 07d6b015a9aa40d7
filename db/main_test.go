package db

// TEMPORARY development harness until qm-compliance/postgres/postgrestest exists; then TestMain becomes postgrestest.Main.

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/migrations"
)

var devClone atomic.Int64

func devURL(name string) string { return fmt.Sprintf(os.Getenv("QM_DEV_PG"), name) }

func devExec(sql string) {
	conn, err := pgx.Connect(context.Background(), devURL("postgres"))
	if err != nil {
		panic(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		panic(err)
	}
}

func TestMain(m *testing.M) {
	template := fmt.Sprintf("tmpl_%d", os.Getpid())
	devExec("CREATE DATABASE " + template)
	pool, db, err := Connect(context.Background(), devURL(template))
	if err != nil {
		panic(err)
	}
	if _, err := migrations.Run(context.Background(), db); err != nil {
		panic(err)
	}
	db.Close()
	pool.Close()
	code := m.Run()
	devExec("DROP DATABASE " + template)
	os.Exit(code)
}

func testURL(t testing.TB) string {
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), devClone.Add(1))
	devExec(fmt.Sprintf("CREATE DATABASE %s TEMPLATE tmpl_%d", name, os.Getpid()))
	t.Cleanup(func() { devExec("DROP DATABASE " + name + " WITH (FORCE)") })
	return devURL(name)
}

// testNow is the time at which everything in a test's store happens.
var testNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newStore returns a store on a migrated database of its own.
func newStore(t testing.TB) *Store {
	store, _ := newStoreAndPool(t)
	return store
}

func newStoreAndPool(t testing.TB) (*Store, *pgxpool.Pool) {
	t.Helper()
	pool, db, err := Connect(t.Context(), testURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(); pool.Close() })
	store, err := New(t.Context(), db, func() time.Time { return testNow })
	if err != nil {
		t.Fatal(err)
	}
	return store, pool
}
