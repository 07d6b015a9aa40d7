package postgres

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
)

func TestStartAgainKeepsTheData(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	query(t, server.URL(), "CREATE TABLE kept AS SELECT 'here' AS word")
	fatal(t, server.Close())
	if runs(t, dir) {
		t.Fatal("the server runs on after its only user left")
	}
	server = start(t, Options{Dir: dir})
	if got := query(t, server.URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("the second start finds %q", got)
	}
	fatal(t, server.Close())
}

func TestTheLastToLeaveStopsIt(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	first, second := start(t, Options{Dir: dir}), start(t, Options{Dir: dir})
	fatal(t, first.Close())
	if got := query(t, second.URL(), "SELECT 'alive'"); got != "alive" {
		t.Errorf("after the first user left: %q", got)
	}
	fatal(t, second.Close())
	if runs(t, dir) {
		t.Error("the server runs on after its last user left")
	}
}

func TestFastLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir, Fast: true, Settings: map[string]string{"work_mem": "7MB"}})
	for name, want := range map[string]string{"fsync": "off", "work_mem": "7MB"} {
		if got := query(t, server.URL(), "SELECT current_setting($1)", name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	fatal(t, server.Close())
	for _, path := range []string{server.Dir(), server.LogFile(), server.socket} {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s was left behind (%v)", path, err)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	want := map[string]string{
		"listen_addresses": "", "unix_socket_permissions": "0700", "fsync": "on", "full_page_writes": "on",
		"data_checksums": "on", "server_encoding": "UTF8",
		"wal_level": "minimal", "max_wal_senders": "0", "wal_recycle": "off", "log_statement": "none",
		"log_min_error_statement":    "panic",
		"log_min_duration_statement": "-1", "log_parameter_max_length": "0",
		"log_parameter_max_length_on_error": "0", "log_error_verbosity": "terse",
		"log_min_messages": "log", "track_activities": "off", "max_connections": "100", "TimeZone": "UTC",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = query(t, server.URL(), "SELECT current_setting($1)", name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	fatal(t, server.Close())
}

func TestOnlyItsUserEntersTheSocketsFolder(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	for _, dir := range []string{server.socket, server.home.dir, server.Dir()} {
		info, err := os.Stat(dir)
		fatal(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has the mode %o", dir, info.Mode().Perm())
		}
	}
	fatal(t, server.Close())
}

// No error may carry into the log what anonymizing removes elsewhere, whichever way PostgreSQL comes to
// mention it.
func TestTheLogKeepsNoValues(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	conn, err := pgx.Connect(t.Context(), server.URL())
	fatal(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	const canary = "canary@example.org"
	for _, sql := range []string{
		"CREATE TABLE person (mail text PRIMARY KEY, age integer CHECK (age > 0))",
		"INSERT INTO person VALUES ('" + canary + "', 1)",
		"INSERT INTO person VALUES ('" + canary + "', 2)",    // the detail quotes the key
		"INSERT INTO person VALUES ('" + canary + "x', 0)",   // the detail quotes the row
		"SELECT '" + canary + "'::uuid",                      // the message itself quotes the value
		"SELECT * FROM \"" + canary + "\"",                   // so does this one
		"DO $$ BEGIN RAISE WARNING '" + canary + "'; END $$", // and a warning
		"DO $$ BEGIN RAISE LOG USING DETAIL = '" + canary + "', MESSAGE = 'this one is logged'; END $$",
	} {
		_, _ = conn.Exec(t.Context(), sql) // that most of them fail is the point
	}
	_, _ = conn.Exec(t.Context(), "INSERT INTO person VALUES ($1, 1)", canary)
	fatal(t, server.Close())
	log, err := os.ReadFile(server.LogFile())
	fatal(t, err)
	if !strings.Contains(string(log), "this one is logged") {
		t.Errorf("the test looks at the wrong log: %s", log)
	}
	if strings.Contains(string(log), canary) {
		t.Errorf("the log keeps a value: %s", log)
	}
}

func TestTheLogBeginsAnew(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	query(t, server.URL(), "DO $$ BEGIN RAISE LOG 'of the first run'; END $$")
	fatal(t, server.Close())
	server = start(t, Options{Dir: dir})
	fatal(t, server.Close())
	log, err := os.ReadFile(server.LogFile())
	fatal(t, err)
	if strings.Contains(string(log), "of the first run") || len(log) == 0 {
		t.Errorf("the log of the second run is\n%s", log)
	}
}

func TestAPathTooLongForASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), strings.Repeat("long/", 30))
	fatal(t, os.MkdirAll(dir, 0o755))
	server := start(t, Options{Dir: dir})
	t.Cleanup(func() { _ = os.RemoveAll(server.socket) })
	if strings.HasPrefix(server.socket, dir) || len(filepath.Join(server.socket, socketFile)) > socketPathLimit {
		t.Errorf("the socket is in %s", server.socket)
	}
	joined := start(t, Options{Dir: dir})
	if joined.URL() != server.URL() || query(t, joined.URL(), "SELECT 'ok'") != "ok" {
		t.Errorf("who joins gets %s, not %s", joined.URL(), server.URL())
	}
	joined.users.release()
	fatal(t, server.Close())
}

func TestSharedBuffers(t *testing.T) {
	t.Parallel()
	for memory, want := range map[uint64]string{0: "128MB", 128 << 20: "32MB", 1 << 30: "128MB",
		24 << 30: "256MB"} {
		if got := sharedBuffers(memory); got != want {
			t.Errorf("with %d bytes of memory: %s, not %s", memory, got, want)
		}
	}
}
