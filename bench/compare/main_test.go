//go:build compare

// Package compare sets the program beside the best that others do with the same conversations: PostGraphile, one
// statement that builds the whole answer, bare SQL, COPY, and itself on a larger database. Each comparison is a
// test of its own, starts everything that it needs, measures in turns, prints the ratio first, and fails where a
// floor is missed. make compare runs them, never make test: they measure time.
package compare

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qm-compliance/postgres"
)

func TestMain(m *testing.M) {
	postgres.RunWatcher()
	if url := os.Getenv(limitVariable); url != "" {
		if err := serveLimit(context.Background(), url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// shared is the PostgreSQL of a run: as the program starts it, safe from a crash, with one database for each
// number of conversations. It is package state because the testing package hands nothing from one test to the
// next, and loading takes longer than most comparisons.
var shared cluster

type cluster struct {
	dir    string
	server *postgres.Server
	made   map[int]string
	copies int
}

func (c *cluster) start(tb testing.TB) {
	if c.server != nil {
		return
	}
	dir, err := os.MkdirTemp("", "qm-compare-")
	if err != nil {
		tb.Fatal(err)
	}
	c.dir, c.made = dir, map[int]string{}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		tb.Fatal(err)
	}
	options := postgres.Options{Dir: dir, Watch: true}
	if level := os.Getenv("QM_COMPARE_WAL_LEVEL"); level != "" { // as on a server that is not the program's own
		options.Settings = map[string]string{"wal_level": level}
	}
	if c.server, err = postgres.Start(tb.Context(), options); err != nil {
		tb.Fatal(err)
	}
}

func (c *cluster) close() error {
	if c.server == nil {
		return nil
	}
	return errors.Join(c.server.Close(), os.RemoveAll(c.dir))
}

// exec runs a statement on the maintenance database.
func (c *cluster) exec(tb testing.TB, statement string) {
	tb.Helper()
	conn := connect(tb, c.server.AdminURL())
	if _, err := conn.Exec(tb.Context(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

func (c *cluster) address(tb testing.TB, name string) string {
	address, err := url.Parse(c.server.AdminURL())
	if err != nil {
		tb.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

// loaded is the address of a database with so many conversations, which nobody changes.
func loaded(tb testing.TB, conversations int) string {
	tb.Helper()
	shared.start(tb)
	if name := shared.made[conversations]; name != "" {
		return shared.address(tb, name)
	}
	name := fmt.Sprintf("loaded_%d", conversations)
	shared.exec(tb, "CREATE DATABASE "+name)
	address := shared.address(tb, name)
	migrate(tb, address)
	conn := connect(tb, address)
	load(tb, conn, conversations)
	if _, err := conn.Exec(tb.Context(), "CHECKPOINT"); err != nil {
		tb.Fatal(err)
	}
	if err := conn.Close(tb.Context()); err != nil { // a template must not be in use
		tb.Fatal(err)
	}
	shared.made[conversations] = name
	return address
}

// load makes conversations in a database without any.
func load(tb testing.TB, conn *pgx.Conn, conversations int) {
	tb.Helper()
	script, err := os.ReadFile(filepath.Join("..", "conversations.sql"))
	if err != nil {
		tb.Fatal(err)
	}
	begun := time.Now()
	text := strings.ReplaceAll(string(script), ":conversations", strconv.Itoa(conversations))
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.Exec(tb.Context(), statement); err != nil {
			tb.Fatalf("%.80s: %v", strings.TrimSpace(statement), err)
		}
	}
	fmt.Printf("(loaded %d conversations in %.1f s)\n", conversations, time.Since(begun).Seconds())
}

// fresh is the address of a database of a test's own: a copy of a loaded one, or without conversations.
func fresh(tb testing.TB, conversations int) string {
	tb.Helper()
	shared.start(tb)
	shared.copies++
	name := fmt.Sprintf("fresh_%d", shared.copies)
	if conversations == 0 {
		shared.exec(tb, "CREATE DATABASE "+name)
		migrate(tb, shared.address(tb, name))
	} else {
		loaded(tb, conversations)
		shared.exec(tb, "CREATE DATABASE "+name+" TEMPLATE "+shared.made[conversations]+" STRATEGY file_copy")
	}
	tb.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), shared.server.AdminURL())
		if err == nil {
			_, err = conn.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
			_ = conn.Close(context.Background())
		}
		if err != nil {
			tb.Error(err)
		}
	})
	return shared.address(tb, name)
}

func migrate(tb testing.TB, address string) {
	tb.Helper()
	if out, err := exec.Command(binary(tb), "migrate", "--database-url", address).CombinedOutput(); err != nil {
		tb.Fatalf("migrate: %v\n%s", err, out)
	}
}

// connect connects for as long as the test runs.
func connect(tb testing.TB, address string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// number is what an environment variable says, or a default.
func number(tb testing.TB, variable string, usual int) int {
	tb.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", variable, err)
	}
	return value
}

// conversations is how many there are in most comparisons; QM_COMPARE_CONVERSATIONS names another number.
func conversations(tb testing.TB) int { return number(tb, "QM_COMPARE_CONVERSATIONS", 100_000) }

// window is how long each turn lasts; QM_COMPARE_SECONDS names another length.
func window(tb testing.TB) time.Duration {
	return time.Duration(number(tb, "QM_COMPARE_SECONDS", 3)) * time.Second
}

// verdict prints a ratio that is better the higher it is, and fails the test below the floor.
func verdict(tb testing.TB, what, unit string, ratio, goal, floor float64) {
	tb.Helper()
	fmt.Printf("\n%s: %.2f %s (goal %g, floor %g)\n", what, ratio, unit, goal, floor)
	if !(ratio >= floor) {
		tb.Errorf("%s: %.2f %s is below the floor of %g", what, ratio, unit, floor)
	}
}

// bound prints a figure that is better the lower it is, and fails the test above the floor.
func bound(tb testing.TB, what, unit string, value, goal, floor float64) {
	tb.Helper()
	fmt.Printf("\n%s: %.2f %s (goal %g, floor %g)\n", what, value, unit, goal, floor)
	if !(value <= floor) {
		tb.Errorf("%s: %.2f %s is above the floor of %g", what, value, unit, floor)
	}
}
