package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
)

// PurgeReport says what is left after a purge that this program cannot remove.
type PurgeReport struct {
	Remains []string
}

// Purge removes what PostgreSQL itself keeps of overwritten values (design, section 4): the dead rows of
// tables and indexes, by rewriting them; the samples in the planner's statistics; the write-ahead log, by a
// checkpoint after which older parts are let go. Step is called with each step as it begins. What is removed
// while Purge runs is for the next one. PlanPurge says beforehand how each table is rewritten, and what others
// wait for. What the server's account may not do, and what the server is set up to keep, is in the report.
//
// Purge takes two connections. Broken off at any instant it loses nothing: the next one finishes. It fails where
// another purge of the database is under way.
func (s *Store) Purge(ctx context.Context, options PurgeOptions, step func(PurgeStep)) (PurgeReport, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return PurgeReport{}, err
	}
	defer func() { _ = conn.Close() }()
	restore, err := unlimited(ctx, conn)
	defer restore()
	if err != nil {
		return PurgeReport{}, err
	}
	purge := &purge{db: s.db, conn: conn, step: step}
	unlock, err := purge.alone(ctx)
	if err != nil {
		return PurgeReport{}, err
	}
	defer unlock()
	if err := purge.recover(ctx); err != nil {
		return PurgeReport{}, err
	}
	if purge.plan, err = planPurge(ctx, conn, options); err != nil {
		return PurgeReport{}, err
	}
	for _, do := range []func(context.Context) error{
		purge.waitForOthers, purge.forgetSamples, purge.rewrite, purge.rewriteSamples, purge.letLogGo, purge.inspect,
	} {
		if err := do(ctx); err != nil {
			return PurgeReport{}, err
		}
	}
	return purge.report, nil
}

type purge struct {
	db     *bun.DB
	conn   bun.Conn
	step   func(PurgeStep)
	plan   PurgePlan
	done   int64 // bytes of tables that are rewritten
	report PurgeReport
}

func (p *purge) says(does, table, lock string) {
	p.step(PurgeStep{Does: does, Table: table, Lock: lock, Done: p.done, All: p.plan.Bytes()})
}

func (p *purge) remains(format string, arguments ...any) {
	p.report.Remains = append(p.report.Remains, fmt.Sprintf(format, arguments...))
}

const (
	waitInterval = 200 * time.Millisecond
	waitLimit    = 2 * time.Minute
)

// waitForOthers waits until no transaction is left that began before the purge, because rewriting a table
// keeps what such a one can still see.
func (p *purge) waitForOthers(ctx context.Context) error {
	p.says("waiting for earlier transactions, which still see the old rows", "", "")
	ctx, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	var begun string
	if err := p.conn.QueryRowContext(ctx, "SELECT pg_current_xact_id()::text").Scan(&begun); err != nil {
		return err
	}
	poll := time.NewTicker(waitInterval)
	defer poll.Stop()
	for {
		others, err := p.olderThan(ctx, begun)
		if err != nil || others == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d transactions that began before the purge are still open after %s; end them and purge"+
				" again", others, waitLimit)
		case <-poll.C:
		}
	}
}

// olderThan counts the sessions, prepared transactions and replication slots that keep rows from before a transaction.
func (p *purge) olderThan(ctx context.Context, transaction string) (int, error) {
	const query = `
SELECT (SELECT count(*) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_xmin IS NOT NULL AND
         age(backend_xmin) >= age(?::xid8::xid))
     + (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())`
	var count int
	err := p.conn.NewRaw(query, transaction).Scan(ctx, &count)
	return count, err
}

// forgetSamples deletes the planner's statistics about the tables that keep their place, and their indexes: those of
// a table that is swapped go with it, and are in use until then. Analyzing replaces them only where there is
// something to sample: those of a table that is empty by now, or of an index that covers no row any more, such as
// one of the values that are not anonymized, would stay as they are.
func (p *purge) forgetSamples(ctx context.Context) error {
	var names []string
	for _, table := range p.plan.Tables {
		if table.Method == Locked {
			names = append(names, table.Table)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return p.forget(ctx, names)
}

func (p *purge) forget(ctx context.Context, names []string) error {
	p.says("deleting the planner's statistics", "", "")
	const tables = "(SELECT to_regclass(name)::oid FROM unnest(ARRAY[?]) AS name)"
	for _, statement := range []string{
		"DELETE FROM pg_catalog.pg_statistic WHERE starelid IN " + tables +
			" OR starelid IN (SELECT indexrelid FROM pg_index WHERE indrelid IN " + tables + ")",
		"DELETE FROM pg_catalog.pg_statistic_ext_data" +
			" WHERE stxoid IN (SELECT oid FROM pg_statistic_ext WHERE stxrelid IN " + tables + ")",
	} {
		_, err := p.conn.ExecContext(ctx, statement, bun.List(names), bun.List(names))
		if RefusalCode(err) == insufficientPrivilege {
			p.remains("the planner's statistics about tables that are empty by now, and about indexes that cover no row any " +
				"more, may hold samples of old values: this account may not delete them; purge as a superuser")
			return nil
		}
		if err != nil {
			return fmt.Errorf("delete the planner's statistics: %w", err)
		}
	}
	return nil
}

// rewrite rewrites every table in which values were removed, without its dead rows, and the statistics about them.
func (p *purge) rewrite(ctx context.Context) error {
	for _, table := range p.plan.Tables {
		p.says("rewriting "+table.Table, table.Table, table.Method.Lock())
		var err error
		if table.Method == Swapped {
			err = p.swapTable(ctx, table.Table)
		}
		if errors.Is(err, errDiffers) {
			p.says("rewriting "+table.Table+" where it is", table.Table, Locked.Lock())
			err = p.forget(ctx, []string{table.Table})
			table.Method = Locked
		}
		if err == nil && table.Method == Locked {
			err = p.vacuum(ctx, "VACUUM (FULL, ANALYZE) "+table.Table)
		}
		if err != nil {
			return fmt.Errorf("rewrite %s: %w", table.Table, err)
		}
		p.done += table.Bytes
	}
	return nil
}

// vacuum waits for its lock in short attempts, so that readers do not wait behind it.
func (p *purge) vacuum(ctx context.Context, statement string) error {
	const set = "SELECT set_config('lock_timeout', ?, false)"
	var before string
	if err := p.conn.QueryRowContext(ctx, "SELECT current_setting('lock_timeout')").Scan(&before); err != nil {
		return err
	}
	defer func() { _, _ = p.conn.ExecContext(context.WithoutCancel(ctx), set, before) }()
	if _, err := p.conn.ExecContext(ctx, set, fmt.Sprint(readersWait.Milliseconds())); err != nil {
		return err
	}
	return p.patiently(ctx, statement, func() error {
		_, err := p.conn.ExecContext(ctx, statement)
		return err
	})
}

// rewriteSamples rewrites the planner's statistics, which takes a moment.
func (p *purge) rewriteSamples(ctx context.Context) error {
	p.says("rewriting the planner's statistics", "", "new statements wait for a moment")
	for _, catalog := range []string{"pg_catalog.pg_statistic", "pg_catalog.pg_statistic_ext_data"} {
		may, err := mayRewrite(ctx, p.conn, catalog)
		if err != nil {
			return err
		}
		statement := "VACUUM FULL " + catalog
		if !may {
			p.lack("the planner's statistics ("+catalog+") may hold samples of old values", statement)
		} else if err := p.vacuum(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// mayRewrite asks beforehand, because VACUUM passes over what it may not rewrite, and no more than warns. Owners may, of
// the table or of the database, and since PostgreSQL 17 who may maintain the table.
func mayRewrite(ctx context.Context, db bun.IDB, table string) (may bool, err error) {
	const query = `
SELECT pg_has_role(c.relowner, 'USAGE') OR pg_has_role(d.datdba, 'USAGE')
    OR CASE WHEN current_setting('server_version_num')::int >= 170000 THEN has_table_privilege(c.oid, 'MAINTAIN') END
  FROM pg_class AS c, pg_database AS d WHERE c.oid = ?::regclass AND d.datname = current_database()`
	var answer sql.NullBool // null is no
	err = db.NewRaw(query, table).Scan(ctx, &answer)
	return answer.Bool, err
}

// letLogGo begins a new part of the write-ahead log and makes a checkpoint, after which the parts before it
// are not needed.
func (p *purge) letLogGo(ctx context.Context) error {
	p.says("removing old write-ahead log", "", "")
	for range 2 { // the second checkpoint lets go what the first one itself still stood on
		if err := p.privileged(ctx, "SELECT pg_switch_wal()",
			"the part of the write-ahead log that is being written may hold old values until it is full"); err != nil {
			return err
		}
		if err := p.privileged(ctx, "CHECKPOINT",
			"the write-ahead log holds old values until the server's next checkpoints"); err != nil {
			return err
		}
	}
	return nil
}

const (
	insufficientPrivilege = "42501"
)

// privileged runs what the server's account may lack the right for, and reports what then remains.
func (p *purge) privileged(ctx context.Context, statement, otherwise string) error {
	_, err := p.conn.ExecContext(ctx, statement)
	if RefusalCode(err) == insufficientPrivilege {
		p.lack(otherwise, statement)
		return nil
	}
	return err
}

// lack reports what remains because the server's account may not run a statement. It does so once.
func (p *purge) lack(remains, statement string) {
	line := fmt.Sprintf("%s: this account may not run %s; ask the server's administrator to", remains, statement)
	if !slices.Contains(p.report.Remains, line) {
		p.report.Remains = append(p.report.Remains, line)
	}
}

// inspect reports what the server is set up to keep beyond this program's reach.
func (p *purge) inspect(ctx context.Context) error {
	for _, kept := range []struct{ query, remains string }{
		{"SELECT current_setting('archive_mode') <> 'off'",
			"the server archives its write-ahead log: the archive contains old values for as long as it is kept"},
		{"SELECT EXISTS (SELECT FROM pg_replication_slots)",
			"replication slots keep the write-ahead log until their consumers have read it"},
		{"SELECT EXISTS (SELECT FROM pg_stat_replication)",
			"replicas keep dead rows and log of their own: they follow the rewriting, but their log and archives are to be" +
				" removed there"},
		{"SELECT current_setting('wal_recycle')::boolean",
			"the server reuses the files of its write-ahead log without wiping them (wal_recycle = on): old values remain" +
				" in them until they are overwritten"},
		{"SELECT current_setting('wal_keep_size') <> '0'", "the server keeps write-ahead log for replicas (wal_keep_size)"},
	} {
		var there bool
		if err := p.conn.NewRaw(kept.query).Scan(ctx, &there); err != nil {
			return err
		}
		if there {
			p.remains("%s", kept.remains)
		}
	}
	return p.inspectUploads(ctx)
}

// inspectUploads reports recordings in the media store that no conversation has: this command does not touch the
// media store.
func (p *purge) inspectUploads(ctx context.Context) error {
	var count int
	var until time.Time
	const query = "SELECT count(*), coalesce(max(remove_after), now()) FROM loose_media"
	if err := p.conn.NewRaw(query).Scan(ctx, &count, &until); err != nil {
		return err
	}
	if count > 0 {
		p.remains("recordings in the media store that belong to no conversation, such as those of an import that was"+
			" broken off (%d): delete-media removes them, the last one from %s on", count, until.UTC().Format(time.RFC3339))
	}
	return nil
}

// LoggingSetting is a setting of the server by which it would log statements, or the values in them.
type LoggingSetting struct {
	// Name and Value are as in force, Better is what keeps values out of the log.
	Name, Value, Better string
}

// LoggingSettings lists the settings in force that would let personal data into the server's log; none where
// it is set up well.
func (s *Store) LoggingSettings(ctx context.Context) ([]LoggingSetting, error) {
	return loggingSettings(ctx, s.db)
}

// loggingSettings knows auto_explain also where the account may not see which libraries are loaded.
func loggingSettings(ctx context.Context, database bun.IDB) ([]LoggingSetting, error) {
	const query = `
SELECT name, setting AS value, better FROM pg_settings JOIN (VALUES
    ('log_statement', 'none'), ('log_min_duration_statement', '-1'), ('log_min_duration_sample', '-1'),
    ('log_transaction_sample_rate', '0'),
    ('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse'), ('log_parameter_max_length_on_error',
    '0'), ('auto_explain.log_min_duration', '-1'), ('pg_stat_statements.track', 'none')) AS wanted (name, better) USING (name)
 WHERE setting <> better
UNION ALL
SELECT name, setting AS value, 'without auto_explain' AS better FROM pg_settings
 WHERE name IN ('shared_preload_libraries', 'session_preload_libraries') AND setting LIKE '%auto_explain%'
 ORDER BY name`
	var leaks []LoggingSetting
	err := database.NewRaw(query).Scan(ctx, &leaks)
	return leaks, err
}
