package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of openSQL
)

const leftBehind = "left@example.org"

func openSQL(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	fatal(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// makeSlow fills a table and gives it an index that takes about a minute to build, so that rewriting the
// table stays at a place where the new copy holds every row.
func makeSlow(t *testing.T, url string) {
	t.Helper()
	for _, statement := range []string{
		"CREATE TABLE slow (id integer, mail text)",
		"INSERT INTO slow SELECT n, '" + leftBehind + "' FROM generate_series(1, 600) AS n",
		`CREATE FUNCTION wait(id integer, OUT integer) IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
			IF EXISTS (SELECT FROM pg_class WHERE relname = 'ready') THEN PERFORM pg_sleep(0.1); END IF; $2 := id; END $$`,
		"CREATE INDEX ON slow (wait(id))",
		"CREATE TABLE ready ()",
	} {
		query(t, url, statement)
	}
}

// rewriting begins to rewrite the slow table, and returns the process that does when its copy is on the disk.
func rewriting(t *testing.T, server *Server) (pid int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.URL())
	fatal(t, err)
	pid = int(conn.PgConn().PID())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = conn.Exec(context.Background(), "VACUUM FULL slow")
		_ = conn.Close(context.Background())
	}()
	t.Cleanup(func() { <-ended })
	db := openSQL(t, server.URL())
	eventually(t, "the copy is on the disk", func() bool {
		files, err := unknownFiles(t.Context(), db)
		fatal(t, err)
		return sizeOf(files) > 30_000
	})
	return pid
}

func sizeOf(files map[string]int64) (sum int64) {
	for _, size := range files {
		sum += size
	}
	return sum
}

// holds counts the files of the server in which a text stands.
func holds(t *testing.T, server *Server, text string) (count int) {
	t.Helper()
	fatal(t, filepath.WalkDir(server.Dir(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // it has gone meanwhile
		}
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(text)) {
			count++
		}
		return nil
	}))
	return count
}

// forget removes the table itself, and the write-ahead log about it.
func forget(t *testing.T, url string) {
	t.Helper()
	for _, statement := range []string{
		"DROP TABLE slow", "VACUUM FULL pg_statistic", "SELECT pg_switch_wal()::text", "CHECKPOINT",
		"SELECT pg_switch_wal()::text", "CHECKPOINT",
	} {
		query(t, url, statement)
	}
}

// A process of the server is killed amid rewriting a table. Its copy stays, known to nobody, until it is
// wiped.
func TestACrashLeavesACopyThatIsWiped(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	makeSlow(t, server.URL())
	witness, err := pgx.Connect(t.Context(), server.URL())
	fatal(t, err)
	defer func() { _ = witness.Close(context.Background()) }()
	fatal(t, syscall.Kill(rewriting(t, server), syscall.SIGKILL))
	eventually(t, "the server has cut every session", func() bool { return witness.Ping(t.Context()) != nil })
	eventually(t, "the server has recovered", func() bool { return startTime(t.Context(), server.URL()) != "" })
	forget(t, server.URL())
	if holds(t, server, leftBehind) == 0 {
		t.Fatal("the crash left nothing, so that nothing is proved")
	}
	wiped, err := server.WipeLeftovers(t.Context(), time.Minute)
	if err != nil || Bytes(wiped) < 30_000 {
		t.Errorf("wiped %v, %v", wiped, err)
	}
	if count := holds(t, server, leftBehind); count > 0 {
		t.Errorf("%d files still hold the value", count)
	}
	if left, err := Leftovers(t.Context(), openSQL(t, server.URL()), time.Minute); err != nil || len(left) > 0 {
		t.Errorf("still left: %v, %v", left, err)
	}
	fatal(t, server.Close())
}

// The whole server is killed amid rewriting a table: its next start wipes the copy.
func TestTheNextStartWipesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, Options{Dir: dir})
	makeSlow(t, server.URL())
	rewriting(t, server)
	killServer(t, dir)
	server.users.release()
	server = start(t, Options{Dir: dir})
	forget(t, server.URL())
	if count := holds(t, server, leftBehind); count > 0 {
		t.Errorf("%d files still hold the value", count)
	}
	fatal(t, server.Close())
}

// What a transaction under way has made is nobody's leftover, however long it takes.
func TestATransactionUnderWayIsNoCrash(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	db := openSQL(t, server.URL())
	tx, err := db.BeginTx(t.Context(), nil)
	fatal(t, err)
	_, err = tx.ExecContext(t.Context(), "CREATE TABLE mine AS SELECT 'kept' AS word FROM generate_series(1, 1000)")
	fatal(t, err)
	if files, err := unknownFiles(t.Context(), db); err != nil || len(files) == 0 {
		t.Fatalf("the transaction's table is not on the disk, so that nothing is proved: %v, %v", files, err)
	}
	if left, err := server.WipeLeftovers(t.Context(), 50*time.Millisecond); err == nil ||
		!strings.Contains(err.Error(), "still open") {
		t.Errorf("while it is open: %v, %v", left, err)
	}
	wiped := make(chan []Leftover, 1)
	go func() {
		files, err := server.WipeLeftovers(context.Background(), time.Minute)
		if err != nil {
			t.Error(err)
		}
		wiped <- files
	}()
	fatal(t, tx.Commit())
	if files := <-wiped; len(files) > 0 {
		t.Errorf("after its end: %v", files)
	}
	if got := query(t, server.URL(), "SELECT count(*)::text FROM mine WHERE word = 'kept'"); got != "1000" {
		t.Errorf("%s rows are left", got)
	}
	fatal(t, server.Close())
}

// Every kind of a table's file, of a table that is none, beside files that are no table's, and those of all
// tables that there are.
func TestWhichFilesAreLeftovers(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	query(t, server.URL(), "CREATE UNLOGGED TABLE volatile AS SELECT 'here' AS word")
	session, err := pgx.Connect(t.Context(), server.URL())
	fatal(t, err)
	defer func() { _ = session.Close(context.Background()) }()
	_, err = session.Exec(t.Context(), "CREATE TEMPORARY TABLE fleeting AS SELECT 'here' AS word")
	fatal(t, err)
	_, err = session.Exec(t.Context(), "VACUUM FULL pg_class") // whose file a map knows, and not pg_class
	fatal(t, err)
	folder := query(t, server.URL(), "SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
	write := func(content string, names ...string) (paths []string) {
		for _, name := range names {
			path := filepath.Join(server.Dir(), folder, name)
			fatal(t, os.WriteFile(path, []byte(content), 0o600))
			fatal(t, server.home.owner.own(path))
			paths = append(paths, folder+"/"+name)
		}
		return paths
	}
	want := write(leftBehind, "999999", "999999_fsm", "999999_vm", "999999_init", "999999.1", "999999_fsm.2", "t3_999999",
		"t3_999999_vm", "t3_999999.1")
	kept := slices.Concat(write("", "999998"), write(leftBehind, "999999_other", "x999999", "999999.x", "notes"))
	query(t, server.URL(), "CHECKPOINT") // after which PostgreSQL removes what it emptied
	before := query(t, server.URL(), "SELECT string_agg(name, ' ') FROM pg_ls_dir('"+folder+"') AS name")
	wiped, err := server.WipeLeftovers(t.Context(), time.Minute)
	fatal(t, err)
	var got []string
	for _, file := range wiped {
		got = append(got, file.Path)
	}
	if main := slices.Index(got, folder+"/999999"); main < slices.Index(got, folder+"/999999_vm") {
		t.Errorf("the table's number is free before its files are gone: %v", got)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("removed %v\nwant %v", got, want)
	}
	for _, path := range kept {
		if _, err := os.Stat(filepath.Join(server.Dir(), path)); err != nil {
			t.Error(err)
		}
	}
	after := query(t, server.URL(), "SELECT string_agg(name, ' ') FROM pg_ls_dir('"+folder+"') AS name")
	if lost := len(strings.Fields(before)) - len(strings.Fields(after)); lost != len(want) {
		t.Errorf("%d files went, want %d", lost, len(want))
	}
	var word string
	if err := session.QueryRow(t.Context(), "SELECT word FROM fleeting").Scan(&word); err != nil || word != "here" {
		t.Errorf("the temporary table: %q, %v", word, err)
	}
	fatal(t, session.Close(t.Context()))
	fatal(t, server.Close())
}

// An account without the rights is told so, sees at least how much there is, and looks once it has them.
func TestLookingTakesRights(t *testing.T) {
	t.Parallel()
	server := start(t, Options{Dir: newDir(t)})
	query(t, server.URL(), "CREATE ROLE ordinary LOGIN")
	folder := query(t, server.URL(), "SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
	path := filepath.Join(server.Dir(), folder, "999999")
	before, err := Unaccounted(t.Context(), openSQL(t, server.URL()))
	fatal(t, err)
	fatal(t, os.WriteFile(path, make([]byte, 5<<20), 0o600))
	fatal(t, server.home.owner.own(path))
	db := openSQL(t, strings.Replace(server.URL(), user+"@", "ordinary@", 1))
	if files, err := Leftovers(t.Context(), db, time.Minute); !errors.Is(err, ErrMayNotLook) {
		t.Errorf("without rights: %v, %v", files, err)
	}
	// PostgreSQL may write some of its own files meanwhile, such as a cache of the catalogs.
	if bytes, err := Unaccounted(t.Context(), db); err != nil || bytes < before+5<<20 || bytes > before+6<<20 {
		t.Errorf("%d bytes are unaccounted for, %d before, %v", bytes, before, err)
	}
	for _, function := range []string{"pg_ls_dir(text, boolean, boolean)", "pg_stat_file(text, boolean)"} {
		query(t, server.URL(), fmt.Sprintf("GRANT EXECUTE ON FUNCTION %s TO ordinary", function))
	}
	files, err := Leftovers(t.Context(), db, time.Minute)
	if want := (Leftover{folder + "/999999", 5 << 20}); err != nil || len(files) != 1 || files[0] != want {
		t.Errorf("with rights: %v, %v", files, err)
	}
	fatal(t, server.Close())
}
