// Package postgrestest gives every test a database of its own, on a real PostgreSQL that the tests start
// by themselves (design, section 10).
//
// All the test processes of a run share one server in the temporary directory. The first test that asks
// for a database starts or joins it, the last process to end stops it and removes what it leaves; its
// watcher does so where that process was killed. TEST_DATABASE_URL (postgres://...) names another server
// to use instead, as a superuser, who may make databases and roles. Nothing is skipped: without a server the tests fail
// and say why.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"qm-compliance/postgres"
)

// Main runs a package's tests and ends the process; call it from TestMain. Migrate brings the empty
// database at url to the structure that the tests start from, and leaves no connection open; it is
// called once, when the first test asks for a database.
func Main(m *testing.M, migrate func(ctx context.Context, url string) error) {
	postgres.RunWatcher()
	current.migrate = migrate
	code := m.Run()
	if err := current.close(); err != nil {
		fmt.Fprintln(os.Stderr, "leave the tests' PostgreSQL:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// current is the server of this test process. It is package state because the testing package hands
// nothing from TestMain to tests.
var current harness

type harness struct {
	migrate func(ctx context.Context, url string) error
	once    sync.Once
	err     error
	server  *postgres.Server
	// admin is the address of a database from which others can be made and dropped.
	admin *url.URL
	count atomic.Int64
}

// URL is the address of a fresh copy of the migrated database, which is dropped when the test ends.
// Tests may call it in parallel.
func URL(tb testing.TB) string {
	tb.Helper()
	// Making a copy takes as long with either strategy; without pages in the write-ahead log, dropping
	// it takes less.
	return current.database(tb, "TEMPLATE "+template()+" STRATEGY file_copy")
}

// ServerRole is a role that owns nothing. Where Main's migrate grants it what a server needs (migrations.Grant),
// AsServer is the address of a server that has these rights alone.
const ServerRole = "qm_test_server"

// AsServer is the address of the same database as ServerRole.
func AsServer(address string) string {
	as, err := url.Parse(address)
	if err != nil {
		return address // URL and EmptyURL return none such
	}
	as.User = url.UserPassword(ServerRole, ServerRole)
	return as.String()
}

// EmptyURL is the address of a fresh database without any table, which is dropped when the test ends.
// Tests may call it in parallel.
func EmptyURL(tb testing.TB) string {
	tb.Helper()
	return current.database(tb, "TEMPLATE template0 STRATEGY file_copy")
}

// template is the name of this process's migrated database.
func template() string { return fmt.Sprintf("qm_template_%d", os.Getpid()) }

func (h *harness) database(tb testing.TB, options string) string {
	tb.Helper()
	h.once.Do(func() { h.err = h.start(context.Background()) })
	if h.err != nil {
		tb.Fatalf("no database for the tests: %v", h.err)
	}
	name := fmt.Sprintf("qm_test_%d_%d", os.Getpid(), h.count.Add(1))
	if err := h.exec(context.Background(), "CREATE DATABASE "+name+" "+options); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := h.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	return h.address(name)
}

func (h *harness) start(ctx context.Context) error {
	if err := h.findServer(ctx); err != nil {
		return err
	}
	if err := h.makeRole(ctx); err != nil {
		return err
	}
	// A killed process of the same number may have left one.
	if err := h.exec(ctx, "DROP DATABASE IF EXISTS "+template()+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := h.exec(ctx, "CREATE DATABASE "+template()); err != nil {
		return err
	}
	if err := h.migrate(ctx, h.address(template())); err != nil {
		return fmt.Errorf("migrate the tests' template database: %w", err)
	}
	return nil
}

// makeRole makes ServerRole, unless another process of tests has.
func (h *harness) makeRole(ctx context.Context) error {
	err := h.exec(ctx, "CREATE ROLE "+ServerRole+" LOGIN PASSWORD '"+ServerRole+"'")
	var refused *pgconn.PgError
	const duplicateObject, uniqueViolation = "42710", "23505" // the second where two make it at once
	if errors.As(err, &refused) && (refused.Code == duplicateObject || refused.Code == uniqueViolation) {
		return nil
	}
	return err
}

// findServer uses the server of TEST_DATABASE_URL, else the one that all tests of this user share.
func (h *harness) findServer(ctx context.Context) (err error) {
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		options := postgres.Options{Dir: sharedDir(), Fast: true, Watch: true}
		if h.server, err = postgres.Start(ctx, options); err != nil {
			return err
		}
		address = h.server.AdminURL()
	}
	admin, err := url.Parse(address)
	if err != nil || (admin.Scheme != "postgres" && admin.Scheme != "postgresql") {
		return errors.New("TEST_DATABASE_URL is not of the form postgres://user@host/database")
	}
	h.admin = admin
	return nil
}

func sharedDir() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("qm-compliance-tests-%d", os.Geteuid()))
}

func (h *harness) close() error {
	var dropped, left error
	if h.admin != nil {
		dropped = h.exec(context.Background(), "DROP DATABASE IF EXISTS "+template()+" WITH (FORCE)")
	}
	if h.server != nil {
		left = h.server.Close()
	}
	return errors.Join(dropped, left)
}

func (h *harness) address(database string) string {
	address := *h.admin
	address.Path = "/" + database
	return address.String()
}

func (h *harness) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, h.admin.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
