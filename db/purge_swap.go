package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

const (
	// purgePatience is how long purge tries to get a lock that others hold again and again.
	purgePatience = 10 * time.Minute
	// purgePause lets those through who waited behind an attempt.
	purgePause = time.Second
	// readersWait bounds how long readers wait behind purge, which waits for the lock that it swaps tables under.
	readersWait = 250 * time.Millisecond
	// writersWait bounds how long purge waits for writers. It is below a second, after which PostgreSQL looks for a deadlock
	// and may end the transaction of somebody else.
	writersWait = 800 * time.Millisecond
	// snapshotsWait bounds how long purge keeps writers away while it waits for what began before.
	snapshotsWait = 500 * time.Millisecond
	// fewChanges are so few that others can wait while they are applied.
	fewChanges = 500
)

// errOlderSnapshots means that a transaction may still read what the new table had not yet.
var errOlderSnapshots = errors.New("transactions that began earlier are open")

// swap is the rewriting of one table into a new one. Writing goes on in the old one, and a trigger records the keys of what
// changes; their rows are copied again, before the new table takes the old one's place.
type swap struct {
	*purge
	// other is a second connection: it applies changes in transactions of its own, while the first one keeps writers away.
	other bun.Conn
	table string
	// columns and key are lists of names.
	columns, key string
	// tables are the table and those that foreign keys lead to and from, in the order of storedTables: referenced ones
	// first, as writers lock them.
	tables    string
	structure structure
	shape     string
}

// errDiffers means that the new table is not like the old one: there is something about it that is not copied.
var errDiffers = errors.New("the new table differs from the old one")

// swapTable rewrites a table while it is in use. It fails with errDiffers where it cannot, having changed nothing.
func (p *purge) swapTable(ctx context.Context, table string) (err error) {
	s := &swap{purge: p, table: table}
	if s.other, err = p.db.Conn(ctx); err != nil {
		return err
	}
	restore, err := unlimited(ctx, s.other)
	defer func() { restore(); _ = s.other.Close() }()
	if err != nil {
		return err
	}
	for _, do := range []func(context.Context) error{
		s.describe, s.prepare, s.copy, s.replace, s.sweep, s.validate,
	} {
		if err := do(ctx); err != nil {
			return errors.Join(err, s.abandon(ctx))
		}
	}
	return nil
}

// abandon removes the unfinished table. What it cannot remove the next purge does.
func (s *swap) abandon(ctx context.Context) error {
	const atMost = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), atMost)
	defer cancel()
	if s.sweep(ctx) == nil {
		return nil
	}
	// A connection whose statement was canceled is closed, and its locks are free.
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	again := &purge{db: s.db, conn: conn, step: s.step}
	unlock, err := again.alone(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return again.sweep(ctx)
}

// describe reads what the table is made of.
func (s *swap) describe(ctx context.Context) (err error) {
	const query = `
SELECT (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_index JOIN pg_attribute ON attrelid = indrelid
         AND attnum = ANY (indkey) WHERE indrelid = c.oid AND indisprimary) AS key,
       (SELECT string_agg(o::text, ', ' ORDER BY array_position(ARRAY[?], o::text)) FROM (
           SELECT c.oid::regclass UNION SELECT conrelid FROM pg_constraint WHERE confrelid = c.oid AND contype = 'f'
           UNION SELECT confrelid FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f') AS related (o)) AS tables
  FROM pg_class AS c WHERE c.oid = ?::regclass`
	var stored []string
	for _, table := range storedTables() {
		stored = append(stored, table.name)
	}
	if err = s.conn.NewRaw(query, bun.List(stored), s.table).Scan(ctx, &s.columns, &s.key, &s.tables); err != nil {
		return err
	}
	if s.structure, err = structureOf(ctx, s.conn, s.table); err != nil {
		return err
	}
	s.shape, err = shapeOf(ctx, s.conn, s.table)
	return err
}

// prefixed puts a prefix before each of a list of names.
func prefixed(prefix, names string) string {
	return prefix + strings.ReplaceAll(names, ", ", ", "+prefix)
}

// prepare makes the empty table, and begins to record changes. The trigger function runs with the rights of the role
// that purges, because the writers have none on its records. From the end of its transaction on, every change is recorded: the
// lock has waited for those who had begun to write before.
func (s *swap) prepare(ctx context.Context) error {
	insert := func(row string) string {
		return "INSERT INTO " + purgeSchema + ".changes VALUES (" + prefixed(row+".", s.key) + "); "
	}
	statements := slices.Concat([]string{"CREATE SCHEMA " + purgeSchema, "CREATE SCHEMA " + retiredSchema}, s.structure.Make, []string{
		"CREATE TABLE " + purgeSchema + ".changes AS SELECT " + s.key + " FROM " + s.table + " WITH NO DATA",
		"CREATE FUNCTION " + purgeSchema + ".record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog" +
			" AS $record$ BEGIN IF TG_OP <> 'INSERT' THEN " + insert("OLD") + "END IF; IF TG_OP <> 'DELETE' THEN " + insert("NEW") +
			"END IF; RETURN NULL; END $record$",
		"CREATE TRIGGER " + purgeSchema + " AFTER INSERT OR UPDATE OR DELETE ON " + s.table + " FOR EACH ROW EXECUTE FUNCTION " +
			purgeSchema + ".record()",
		"ALTER TABLE " + s.table + " ENABLE ALWAYS TRIGGER " + purgeSchema,
		// A table is not emptied in a way that no row records.
		"CREATE FUNCTION " + purgeSchema + ".refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN " +
			"RAISE EXCEPTION 'the table is being purged' USING ERRCODE = 'lock_not_available'; END $refuse$",
		"CREATE TRIGGER " + purgeSchema + "_whole BEFORE TRUNCATE ON " + s.table + " EXECUTE FUNCTION " + purgeSchema + ".refuse()",
		"ALTER TABLE " + s.table + " ENABLE ALWAYS TRIGGER " + purgeSchema + "_whole",
	})
	return s.patiently(ctx, "begin to record the changes of "+s.table, func() error {
		return s.conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := lockTables(ctx, tx, s.table, "SHARE ROW EXCLUSIVE", writersWait); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, block(statements))
			return err
		})
	})
}

// copy copies the rows, and builds what is made of them: each index by itself, so that a crash leaves no more than one
// unfinished file. Analyzing comes before the swap, so that no statement is ever planned without statistics.
func (s *swap) copy(ctx context.Context) error {
	from := "INSERT INTO " + s.fresh() + " (" + s.columns + ") OVERRIDING SYSTEM VALUE SELECT " + s.columns + " FROM " + s.table
	err := s.conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SET LOCAL synchronize_seqscans = off"); err != nil { // keeps the order of the rows
			return err
		}
		_, err := tx.ExecContext(ctx, from)
		return err
	})
	if err != nil {
		return err
	}
	for _, statement := range append(slices.Clone(s.structure.Complete), "VACUUM (ANALYZE) "+s.fresh()) {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	shape, err := shapeOf(ctx, s.conn, s.fresh())
	if err == nil && shape != s.shape {
		return errDiffers
	}
	return err
}

// fresh is the name of the new table.
func (s *swap) fresh() string { return purgeSchema + "." + s.table }

// replace applies what changed, and swaps the tables, in the first moment in which nobody stands in the way.
func (s *swap) replace(ctx context.Context) error {
	return s.patiently(ctx, "swap "+s.table, func() error {
		for changes := fewChanges; changes >= fewChanges; {
			if _, err := s.other.ExecContext(ctx, "VACUUM (ANALYZE) "+purgeSchema+".changes"); err != nil {
				return err
			}
			var err error
			if changes, err = s.apply(ctx); err != nil {
				return err
			}
		}
		return s.conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.exchange(ctx, tx) })
	})
}

// apply copies the rows again whose keys are recorded by now, all as they are at one instant, and returns how many keys
// there were. A row that is gone is deleted.
func (s *swap) apply(ctx context.Context) (changes int, err error) {
	err = s.other.RunInTx(ctx, instant, func(ctx context.Context, tx bun.Tx) error {
		recorded := "(" + s.key + ") IN (SELECT " + s.key + " FROM " + purgeSchema + ".changes)"
		for _, statement := range []string{
			"DELETE FROM " + s.fresh() + " WHERE " + recorded,
			"INSERT INTO " + s.fresh() + " (" + s.columns + ") OVERRIDING SYSTEM VALUE SELECT " + s.columns + " FROM " + s.table +
				" WHERE " + recorded,
			"DELETE FROM " + purgeSchema + ".changes",
		} {
			result, err := tx.ExecContext(ctx, statement)
			if err != nil {
				return err
			}
			rows, err := result.RowsAffected()
			if err != nil {
				return err
			}
			changes = int(rows) // those of the last statement
		}
		return nil
	})
	return changes, err
}

// exchange puts the new table into the place of the old one. First it keeps writers away, and autovacuum, while readers go
// on. The last changes are then applied by another transaction, which ends. A transaction that reads as of an instant
// before that end would find the new table without them, so exchange waits until none is left. Only then it keeps readers
// away.
func (s *swap) exchange(ctx context.Context, tx bun.Tx) error {
	if err := lockTables(ctx, tx, s.tables+", "+s.fresh(), "SHARE UPDATE EXCLUSIVE", autovacuumWait); err != nil {
		return err
	}
	if err := lockTables(ctx, tx, s.tables, "EXCLUSIVE", writersWait); err != nil {
		return err
	}
	if err := s.unchanged(ctx, tx); err != nil {
		return err
	}
	if _, err := s.apply(ctx); err != nil {
		return err
	}
	if err := s.awaitSnapshots(ctx, tx); err != nil {
		return err
	}
	if err := lockTables(ctx, tx, s.tables+", "+s.fresh(), "ACCESS EXCLUSIVE", readersWait); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, block(append([]string{
		"PERFORM set_config('synchronous_commit', 'off', true)", // nobody waits for the disk: a crash leaves the old table
	}, s.structure.Swap...)))
	return err
}

// unchanged fails where somebody changed the structure of the table, such as by a migration: the new one lacks that.
func (s *swap) unchanged(ctx context.Context, tx bun.Tx) error {
	shape, err := shapeOf(ctx, tx, s.table)
	if err != nil {
		return err
	}
	now, err := structureOf(ctx, tx, s.table)
	if err == nil && (shape != s.shape || !slices.Equal(now.Swap, s.structure.Swap)) {
		return fmt.Errorf("the structure of %s was changed while it was copied: purge again", s.table)
	}
	return err
}

// awaitSnapshots waits until every transaction has ended, or let its snapshot go, that has one by now. Those that wait for
// a lock write: they read each statement's instant anew.
func (s *swap) awaitSnapshots(ctx context.Context, tx bun.Tx) error {
	const query = `
SELECT l.virtualxid FROM pg_stat_activity AS a JOIN pg_locks AS l USING (pid)
 WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.pid <> pg_backend_pid()
   AND a.datname = current_database() AND a.backend_xmin IS NOT NULL AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
   AND a.pid NOT IN (SELECT pid FROM pg_locks WHERE NOT granted)`
	late := time.After(snapshotsWait)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	var earlier []string
	for first := true; ; first = false {
		var open []string
		if err := tx.NewRaw(query).Scan(ctx, &open); err != nil {
			return err
		}
		if first {
			earlier = open
		}
		earlier = slices.DeleteFunc(earlier, func(one string) bool { return !slices.Contains(open, one) })
		if len(earlier) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return errOlderSnapshots
		case <-poll.C:
		}
	}
}

// validate checks the foreign keys of the rows that were copied, while everybody goes on.
func (s *swap) validate(ctx context.Context) error {
	for _, statement := range s.structure.Validate {
		if _, err := s.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
