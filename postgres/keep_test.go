package postgres

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// logged collects a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *logged) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// startTime is when the server began that takes connections, "" if none does.
func startTime(ctx context.Context, url string) (began string) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, "SELECT pg_postmaster_start_time()::text").Scan(&began); err != nil {
		return ""
	}
	return began
}

func withKeep(command *exec.Cmd) { command.Env = append(command.Env, childKeep+"=1") }

// Three programs share a server that is killed, twice. One of them starts it again, and all of them use that
// one.
func TestAKilledServerIsStartedAgainOnce(t *testing.T) {
	t.Parallel()
	dir, log := newDir(t), &logged{}
	server := start(t, Options{Dir: dir, Keep: true, Logger: log.logger()})
	t.Cleanup(server.keeper.stop)
	query(t, server.URL(), "CREATE TABLE kept AS SELECT 'here' AS word")
	others := []*child{startChild(t, dir, withKeep), startChild(t, dir, withKeep)}
	for _, other := range others {
		if got := other.says(t); got != server.URL() {
			t.Fatalf("it uses %s", got)
		}
	}
	began := query(t, server.URL(), "SELECT pg_postmaster_start_time()::text")
	for range 2 {
		killServer(t, dir)
		eventually(t, "the server answers again", func() bool {
			return startTime(t.Context(), server.URL()) > began
		})
		if got := query(t, server.URL(), "SELECT word FROM kept"); got != "here" {
			t.Errorf("it finds %q", got)
		}
		began = query(t, server.URL(), "SELECT pg_postmaster_start_time()::text")
	}
	// Whoever was not the first finds the one that is there.
	fatal(t, server.keeper.startAgain(t.Context()))
	if got := query(t, server.URL(), "SELECT pg_postmaster_start_time()::text"); got != began {
		t.Errorf("another server was started at %s", got)
	}
	if ended, again := log.count("PostgreSQL has ended"), log.count("PostgreSQL is running again"); ended > 2 || again > 2 {
		t.Errorf("two ends are told %d times, two starts %d times", ended, again)
	}
	for _, other := range others {
		other.leave(t)
	}
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Error("the server runs on after its last user left")
	}
}

// What keeps the server from starting is told once an attempt, and the server starts when it is out of the
// way.
func TestAServerThatCannotStartIsTriedAgain(t *testing.T) {
	t.Parallel()
	dir, log := newDir(t), &logged{}
	server := start(t, Options{Dir: dir, Keep: true, Logger: log.logger()})
	t.Cleanup(server.keeper.stop)
	settings := filepath.Join(server.Dir(), "postgresql.auto.conf")
	fatal(t, os.WriteFile(settings, []byte("this is no setting\n"), 0o600))
	killServer(t, dir)
	eventually(t, "two attempts have failed", func() bool {
		return log.count("PostgreSQL could not be restarted") == 2
	})
	if count := log.count("PostgreSQL has ended"); count != 1 {
		t.Errorf("the end is told %d times", count)
	}
	fatal(t, os.WriteFile(settings, nil, 0o600))
	eventually(t, "the server answers", func() bool { return startTime(t.Context(), server.URL()) != "" })
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Error("the server runs on after its last user left")
	}
}

// Who leaves while the server cannot be started waits for nothing.
func TestLeavingAServerThatCannotStart(t *testing.T) {
	t.Parallel()
	dir, log := newDir(t), &logged{}
	server := start(t, Options{Dir: dir, Keep: true, Logger: log.logger()})
	fatal(t, os.WriteFile(filepath.Join(server.Dir(), "postgresql.auto.conf"), []byte("no setting\n"), 0o600))
	killServer(t, dir)
	eventually(t, "an attempt has failed", func() bool { return log.count("could not be restarted") > 0 })
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Error("a server runs")
	}
}
