// Package postgrestest gives every test a database of its own, on a real PostgreSQL that the tests start by themselves (design, section 10).
// All the test processes of a run share one server; the last one stops it.
package postgrestest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"qm-compliance/postgres"
)

// Main runs a package's tests; call it from TestMain. Migrate brings the database at url to the structure that the tests start from; it
// is called once, before the first test asks for a database.
func Main(m *testing.M, migrate func(ctx context.Context, url string) error) {
	current.migrate = migrate
	code := m.Run()
	current.close()
	os.Exit(code)
}

// current is the server of this test process. It is package state because the testing package hands nothing from TestMain to tests.
var current harness

type harness struct {
	migrate func(ctx context.Context, url string) error
	once    sync.Once
	err     error
	server  *postgres.Server
	admin   string
	count   atomic.Int64
}

// URL is the address of a fresh copy of the migrated database, which is dropped when the test ends.
func URL(tb testing.TB) string {
	tb.Helper()
	return current.database(tb, "TEMPLATE "+current.template())
}

// EmptyURL is the address of a fresh database without any table, which is dropped when the test ends.
func EmptyURL(tb testing.TB) string {
	tb.Helper()
	return current.database(tb, "")
}

func (h *harness) template() string { return fmt.Sprintf("qm_template_%d", os.Getpid()) }

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

// start finds a server: the one of TEST_DATABASE_URL, else the shared one in the temporary directory.
func (h *harness) start(ctx context.Context) (err error) {
	if h.admin = os.Getenv("TEST_DATABASE_URL"); h.admin == "" {
		h.server, err = postgres.Start(ctx, postgres.Options{
			Dir:    filepath.Join(os.TempDir(), fmt.Sprintf("qm-compliance-tests-%d", os.Geteuid())),
			Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Throwaway: true,
		})
		if err != nil {
			return err
		}
		h.admin = h.server.AdminURL()
	}
	if err := h.exec(ctx, "DROP DATABASE IF EXISTS "+h.template()+" WITH (FORCE)"); err != nil {
		return err
	}
	if err := h.exec(ctx, "CREATE DATABASE "+h.template()); err != nil {
		return err
	}
	return h.migrate(ctx, h.address(h.template()))
}

func (h *harness) close() {
	if h.admin != "" {
		_ = h.exec(context.Background(), "DROP DATABASE IF EXISTS "+h.template()+" WITH (FORCE)")
	}
	if h.server != nil {
		_ = h.server.Close()
	}
}

func (h *harness) address(database string) string {
	address, err := url.Parse(h.admin)
	if err != nil {
		return h.admin
	}
	address.Path = "/" + strings.TrimPrefix(database, "/")
	return address.String()
}

func (h *harness) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, h.admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
