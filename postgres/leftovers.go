package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
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
