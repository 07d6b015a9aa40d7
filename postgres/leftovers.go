package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Leftover is a file in a database's folder that belongs to no table or index. A server that crashed while it
// rewrote a table leaves the unfinished copy, with the rows as they were: its catalogs never knew of it, so
// that PostgreSQL itself will never look at it or remove it.
type Leftover struct {
	// Path is relative to the data directory of the server.
	Path  string
	Bytes int64
}

// ErrMayNotLook means that the server's account may not list files: it lacks the rights for pg_ls_dir and
// pg_stat_file.
var ErrMayNotLook = errors.New("this account may not list the files of the server")

// Queryer is what both *sql.DB and *sql.Conn do. The statements of this package have no arguments.
type Queryer interface {
	QueryContext(ctx context.Context, query string, arguments ...any) (*sql.Rows, error)
}

// Leftovers lists what crashes have left of the database that db is connected to. What a transaction under
// way has made is in no catalog either, so Leftovers waits, for the given time at most, until every
// transaction has ended that may have made one of the files, and looks again. It returns ErrMayNotLook where
// it lacks the rights.
func Leftovers(ctx context.Context, db Queryer, wait time.Duration) ([]Leftover, error) {
	suspects, err := unknownFiles(ctx, db)
	if err != nil || len(suspects) == 0 {
		return nil, err
	}
	if err := awaitTransactions(ctx, db, wait); err != nil {
		return nil, err
	}
	still, err := unknownFiles(ctx, db)
	if err != nil {
		return nil, err
	}
	var leftovers []Leftover
	for path, bytes := range still {
		if _, before := suspects[path]; before {
			leftovers = append(leftovers, Leftover{path, bytes})
		}
	}
	return leftovers, nil
}

// unknownFiles returns the sizes of the files with content that are in no catalog of the connected database:
// not now, but maybe as soon as a transaction commits. Those without content hold their numbers until the
// next checkpoint, and are PostgreSQL's.
func unknownFiles(ctx context.Context, db Queryer) (map[string]int64, error) {
	const query = `
WITH folders AS (
    SELECT 'base/' || oid AS folder FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'pg_tblspc/' || t.oid || '/' || version || '/' || d.oid
      FROM pg_database AS d, pg_tablespace AS t
           CROSS JOIN LATERAL pg_ls_dir('pg_tblspc/' || t.oid, true, false) AS version
     WHERE t.spcname NOT IN ('pg_default', 'pg_global') AND d.datname = current_database()
       AND version LIKE 'PG\_' || current_setting('server_version_num')::int / 10000 || '\_%'
), files AS (
    SELECT folder || '/' || name AS path FROM folders CROSS JOIN LATERAL pg_ls_dir(folder, true, false) AS name
     WHERE name ~ '^(t[0-9]+_)?[0-9]+(_(fsm|vm|init))?([.][0-9]+)?$'
)
SELECT path, size FROM files CROSS JOIN LATERAL pg_stat_file(path, true)
 WHERE size > 0 AND regexp_replace(path, '(_(fsm|vm|init))?([.][0-9]+)?$', '') NOT IN (
    SELECT path FROM pg_class CROSS JOIN LATERAL pg_relation_filepath(oid) AS path WHERE path IS NOT NULL)`
	files := map[string]int64{}
	err := eachRow(ctx, db, query, func(rows *sql.Rows) error {
		var path string
		var bytes int64
		err := rows.Scan(&path, &bytes)
		files[path] = bytes
		return err
	})
	if hasCode(err, insufficientPrivilege) {
		return nil, ErrMayNotLook
	}
	return files, err
}

// awaitTransactions waits until the transactions of this database have ended that are under way now.
func awaitTransactions(ctx context.Context, db Queryer, wait time.Duration) error {
	late := fmt.Errorf("transactions that may be making tables are still open after %s; end them and try again", wait)
	ctx, cancel := context.WithTimeoutCause(ctx, wait, late)
	defer cancel()
	begun, err := transactions(ctx, db)
	if err == nil {
		err = poll(ctx, func() (done bool, err error) {
			open, err := transactions(ctx, db)
			for transaction := range begun {
				if open[transaction] {
					return false, err
				}
			}
			return err == nil, err
		})
	}
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx) // rather than that of the question that was cut short
	}
	return err
}

// transactions returns the open transactions of the connected database. One holds a lock on its virtual id
// before it makes a file, and until it has ended. Autovacuum makes no tables, and may take long.
func transactions(ctx context.Context, db Queryer) (map[string]bool, error) {
	const query = `
SELECT l.virtualxid FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
 WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND a.datname = current_database()
   AND l.pid <> pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
UNION ALL
SELECT 'prepared ' || transaction FROM pg_prepared_xacts WHERE database = current_database()`
	open := map[string]bool{}
	err := eachRow(ctx, db, query, func(rows *sql.Rows) error {
		var transaction string
		err := rows.Scan(&transaction)
		open[transaction] = true
		return err
	})
	return open, err
}

// Unaccounted returns how many bytes the database takes beyond its tables and indexes, for accounts that may
// not list files. Some hundred kilobytes are PostgreSQL's own.
func Unaccounted(ctx context.Context, db Queryer) (bytes int64, err error) {
	const query = `
SELECT pg_database_size(current_database()) - (SELECT sum(pg_relation_size(oid, fork)) FROM pg_class
       CROSS JOIN unnest(ARRAY['main', 'fsm', 'vm', 'init']) AS fork WHERE NOT relisshared)::bigint`
	err = eachRow(ctx, db, query, func(rows *sql.Rows) error { return rows.Scan(&bytes) })
	return bytes, err
}

func eachRow(ctx context.Context, db Queryer, query string, scan func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// startPatience is how long a start waits for transactions of others that have connected already.
const startPatience = 10 * time.Second

// wipeAtStart wipes what a crash has left. The server works without it, and the command purge tries again, so
// a failure is only logged.
func (s *Server) wipeAtStart(ctx context.Context) {
	wiped, err := s.WipeLeftovers(ctx, startPatience)
	if err != nil {
		s.options.Logger.WarnContext(ctx,
			"files that a crash of PostgreSQL left may still hold copies of rows; run qm-compliance purge", "error", err)
	}
	if len(wiped) > 0 {
		s.options.Logger.WarnContext(ctx, "removed files that a crash of PostgreSQL left, with copies of rows",
			"files", len(wiped), "bytes", Bytes(wiped))
	}
}

// Bytes returns how large files are together.
func Bytes(files []Leftover) (sum int64) {
	for _, file := range files {
		sum += file.Bytes
	}
	return sum
}

// WipeLeftovers overwrites and removes what crashes have left of the program's database, and returns what it
// removed. It waits for open transactions, as Leftovers does.
func (s *Server) WipeLeftovers(ctx context.Context, wait time.Duration) ([]Leftover, error) {
	config, err := pgx.ParseConfig(s.URL())
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	leftovers, err := Leftovers(ctx, db, wait)
	if err != nil || len(leftovers) == 0 {
		return nil, err
	}
	return s.wipeAll(ctx, db, leftovers)
}

// wipeAll makes a checkpoint first, after which PostgreSQL has no reason to open one of the files again.
func (s *Server) wipeAll(ctx context.Context, db *sql.DB, leftovers []Leftover) (wiped []Leftover, err error) {
	if _, err := db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(s.Dir())
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	// While the first piece of a table is there, PostgreSQL gives its number to no other.
	slices.SortFunc(leftovers, func(a, b Leftover) int {
		return cmp.Or(-cmp.Compare(len(a.Path), len(b.Path)), strings.Compare(a.Path, b.Path))
	})
	for _, file := range leftovers {
		if err := wipe(root, file.Path); err != nil {
			return wiped, err
		}
		wiped = append(wiped, file)
	}
	return wiped, nil
}

// wipe overwrites a file with zeros, which reach the disk before it is removed.
func wipe(root *os.Root, path string) error {
	file, err := root.OpenFile(path, os.O_WRONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // PostgreSQL was quicker
	}
	if err != nil {
		return err
	}
	if err := errors.Join(overwrite(file), file.Close()); err != nil {
		return err
	}
	if err := root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func overwrite(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for left := info.Size(); left > 0; {
		written, err := file.Write(zeros[:min(left, int64(len(zeros)))])
		if err != nil {
			return err
		}
		left -= int64(written)
	}
	return file.Sync()
}
