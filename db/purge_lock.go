package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// autovacuumWait is long enough for PostgreSQL to end an autovacuum that is in the way. Nobody waits behind it.
const autovacuumWait = 10 * time.Second

// instant reads everything as of one instant.
var instant = &sql.TxOptions{Isolation: sql.LevelRepeatableRead}

// lockTables locks tables until the transaction ends, or fails when all of them together are not free in time.
func lockTables(ctx context.Context, tx bun.Tx, tables, mode string, wait time.Duration) error {
	for _, statement := range []string{
		fmt.Sprintf("SET LOCAL statement_timeout = %d", wait.Milliseconds()),
		"LOCK TABLE " + tables + " IN " + mode + " MODE",
		"SET LOCAL statement_timeout = 0",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// patiently tries again and again where others hold the locks that it needs.
func (p *purge) patiently(ctx context.Context, does string, try func() error) error {
	const unavailable, canceled, deadlock = "55P03", "57014", "40P01"
	for begun := time.Now(); ; {
		err := try()
		code := RefusalCode(err)
		busy := code == unavailable || code == canceled || code == deadlock || errors.Is(err, errOlderSnapshots)
		if !busy || ctx.Err() != nil {
			return err
		}
		if time.Since(begun) > purgePatience {
			return fmt.Errorf("%s: others hold locks, or transactions open, for longer than %s; end them and purge again: %w", does,
				purgePatience, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(purgePause):
		}
	}
}

// unlimited lets statements of a session run as long as they need, until restore. When this program dies, the server looks
// whether it is there, where it can, so that what nobody waits for any more ends.
func unlimited(ctx context.Context, conn bun.Conn) (restore func(), err error) {
	const set = "SELECT set_config(?, ?, false)"
	var limit, check string
	const query = "SELECT current_setting('statement_timeout'), current_setting('client_connection_check_interval')"
	if err := conn.QueryRowContext(ctx, query).Scan(&limit, &check); err != nil {
		return func() {}, err
	}
	restore = func() {
		ctx := context.WithoutCancel(ctx)
		_, _ = conn.ExecContext(ctx, set, "statement_timeout", limit)
		_, _ = conn.ExecContext(ctx, set, "client_connection_check_interval", check)
	}
	if _, err := conn.ExecContext(ctx, set, "client_connection_check_interval", "1s"); RefusalCode(err) == "" && err != nil {
		return restore, err // not a refusal of a server whose system cannot look
	}
	_, err = conn.ExecContext(ctx, set, "statement_timeout", "0")
	return restore, err
}

// purgeLock is the number of the advisory lock that one purge of a database holds.
const purgeLock = 7_218_304_551

// alone takes the lock, or fails where another purge has it. It waits for a moment for one whose program has died.
func (p *purge) alone(ctx context.Context) (unlock func(), err error) {
	const moments = 50
	for range moments {
		var locked bool
		if err := p.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", purgeLock).Scan(&locked); err != nil {
			return nil, err
		}
		if locked {
			return func() {
				_, _ = p.conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", purgeLock)
			}, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(waitInterval):
		}
	}
	return nil, errors.New("another purge of this database is under way")
}

// sweep removes the schemas of a purge, with the new table or the old one, the changes that were recorded, and the
// triggers that recorded them.
func (p *purge) sweep(ctx context.Context) error {
	var tables sql.NullString
	const query = `
SELECT string_agg(DISTINCT tgrelid::regclass::text, ', ') FROM pg_trigger JOIN pg_proc AS p ON p.oid = tgfoid
 WHERE p.pronamespace = to_regnamespace('` + purgeSchema + `')`
	return p.patiently(ctx, "remove an unfinished table", func() error {
		return p.conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if err := tx.NewRaw(query).Scan(ctx, &tables); err != nil {
				return err
			}
			if tables.Valid {
				if err := lockTables(ctx, tx, tables.String, "SHARE UPDATE EXCLUSIVE", autovacuumWait); err != nil {
					return err
				}
				if err := lockTables(ctx, tx, tables.String, "ACCESS EXCLUSIVE", readersWait); err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, "DROP SCHEMA IF EXISTS "+purgeSchema+", "+retiredSchema+" CASCADE")
			return err
		})
	})
}

// recover finishes what a purge left that was broken off: it removes the unfinished table, and checks foreign keys.
func (p *purge) recover(ctx context.Context) error {
	var left bool
	if err := p.conn.NewRaw("SELECT to_regnamespace('"+purgeSchema+"') IS NOT NULL").Scan(ctx, &left); err != nil {
		return err
	}
	if left {
		p.says("removing what a purge left that was broken off", "", "")
		if err := p.sweep(ctx); err != nil {
			return err
		}
	}
	var names, statements []string
	for _, table := range storedTables() {
		names = append(names, table.name)
	}
	const unchecked = `
SELECT format('ALTER TABLE %s VALIDATE CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
 WHERE contype = 'f' AND NOT convalidated AND conrelid IN (SELECT to_regclass(name) FROM unnest(ARRAY[?]) AS name)
   AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = conrelid), 'USAGE')`
	if err := p.conn.NewRaw(unchecked, bun.List(names)).Scan(ctx, &statements); err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := p.conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
