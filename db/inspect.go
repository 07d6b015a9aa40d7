package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Inspection is what there is to know about a PostgreSQL server, and the database on it, for who
// judges whether an installation is sound. It holds no value of a conversation.
type Inspection struct {
	Version         int    // as server_version_num
	VersionText     string // as server_version
	Encoding        string
	Folding         string            // the collation by which filters ignore case, empty for that of ASCII alone
	MediaStore      string            // the id of the file store with the recordings, empty where none is known yet
	CollationMoved  bool              // the indexes were made with another version of the system's collation
	Network         bool              // the session comes over a network, not from this machine
	Encrypted       bool              // the session uses TLS
	ReadOnly        bool              // the server is a standby, or set to take no changes
	Ahead           time.Duration     // of the server's clock before this machine's
	Settings        map[string]string // settings in force, by name; those that the account may not see are absent
	Leaks           []LoggingSetting
	Places          Places
	Copies          Copies
	BareTriggers    []string // tables of the audit log that accept changes, because their trigger is absent or disabled
	Unanalyzed      []string // large tables of which the planner has no statistics
	Unvacuumed      []string // tables that are excepted from autovacuum
	Bytes           int64    // of the database
	LargestTable    int64    // bytes of the largest table with its indexes
	Prepared        int      // prepared transactions, which keep old rows until they end
	OldTransactions int      // transactions that have been open for more than an hour
}

// Places says how many connections there are. Limits that are not set are -1.
type Places struct {
	Server, Reserved, Used     int
	Role, Database             int // limits
	UsedByRole, UsedOfDatabase int
}

// Copies says where the server is set up to keep or send old rows beside its tables.
type Copies struct {
	Archives      bool
	Slots         []Slot
	Replicas      int
	Publications  []string
	Subscriptions int
}

// Slot is a replication slot, and how much write-ahead log it keeps.
type Slot struct {
	Name     string
	Active   bool
	Retained int64
}

// largeTable is from which size on a table should have statistics.
const largeTable = 1 << 20

// Inspect looks at the server, and changes nothing. It asks of the tables only whether they are there, so that it works
// on a database of any structure.
func Inspect(ctx context.Context, database *bun.DB) (Inspection, error) {
	var found Inspection
	for _, look := range []func(context.Context, *bun.DB) error{
		found.server, found.settings, found.audited, found.places, found.tables, found.copies,
		found.mediaStore,
	} {
		if err := look(ctx, database); err != nil {
			return found, err
		}
	}
	leaks, err := loggingSettings(ctx, database)
	found.Leaks = leaks
	return found, err
}

func (i *Inspection) server(ctx context.Context, database *bun.DB) error {
	const query = `
SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_encoding_to_char(d.encoding),
       coalesce(d.datcollversion <> pg_database_collation_actual_version(d.oid), false),
       coalesce(NOT (inet_client_addr() << '127.0.0.0/8' OR inet_client_addr() = '::1'
                     OR inet_client_addr() = inet_server_addr()), false),
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),
       current_setting('transaction_read_only')::boolean OR pg_is_in_recovery(), pg_database_size(d.oid),
       (SELECT count(*) FROM pg_prepared_xacts WHERE database = d.datname),
       (SELECT count(*) FROM pg_stat_activity
         WHERE datid = d.oid AND backend_xmin IS NOT NULL AND xact_start < now() - interval '1 hour'),
       coalesce(obj_description(to_regprocedure('fold_case(text)'), 'pg_proc'), '')
  FROM pg_database AS d WHERE d.datname = current_database()`
	if err := database.QueryRowContext(ctx, query).Scan(&i.Version, &i.VersionText, &i.Encoding, &i.CollationMoved,
		&i.Network, &i.Encrypted, &i.ReadOnly, &i.Bytes, &i.Prepared, &i.OldTransactions, &i.Folding); err != nil {
		return err
	}
	var clock time.Time
	asked := time.Now()
	if err := database.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&clock); err != nil {
		return err
	}
	switch until := time.Now(); {
	case clock.After(until):
		i.Ahead = clock.Sub(until)
	case clock.Before(asked):
		i.Ahead = clock.Sub(asked)
	}
	return nil
}

// mediaStore reads which file store has the recordings, if the account may read that.
func (i *Inspection) mediaStore(ctx context.Context, database *bun.DB) error {
	var value []byte
	err := database.NewRaw("SELECT value FROM installation WHERE name = ?", mediaStoreID).Scan(ctx, &value)
	const noTable = "42P01"
	if code := RefusalCode(err); code == noTable || code == insufficientPrivilege || errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	i.MediaStore = string(value)
	return err
}

func (i *Inspection) settings(ctx context.Context, database *bun.DB) error {
	var rows []struct{ Name, Setting string }
	const query = `
SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum',
       'track_counts', 'track_activities', 'data_checksums', 'data_directory', 'ignore_checksum_failure', 'zero_damaged_pages')`
	if err := database.NewRaw(query).Scan(ctx, &rows); err != nil {
		return err
	}
	i.Settings = map[string]string{}
	for _, row := range rows {
		i.Settings[row.Name] = row.Setting
	}
	return nil
}

func (i *Inspection) places(ctx context.Context, database *bun.DB) error {
	const query = `
SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), r.rolconnlimit, d.datconnlimit,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = r.rolname),
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = d.datname)
  FROM pg_roles AS r, pg_database AS d WHERE r.rolname = current_user AND d.datname = current_database()`
	p := &i.Places
	return database.QueryRowContext(ctx, query).Scan(&p.Server, &p.Reserved, &p.Used, &p.Role, &p.Database,
		&p.UsedByRole, &p.UsedOfDatabase)
}

func (i *Inspection) tables(ctx context.Context, database *bun.DB) error {
	const query = `
SELECT coalesce(max(size), 0),
       coalesce(array_agg(name ORDER BY name) FILTER (WHERE unknown), '{}'),
       coalesce(array_agg(name ORDER BY name) FILTER (WHERE excepted), '{}')
  FROM (SELECT c.oid::regclass::text AS name, pg_total_relation_size(c.oid) AS size,
               c.reltuples < 0 AND pg_relation_size(c.oid) >= ? AS unknown,
               'autovacuum_enabled=false' = ANY (coalesce(c.reloptions, '{}')) AS excepted
          FROM pg_class AS c JOIN unnest(ARRAY[?]::text[]) AS name ON c.oid = to_regclass(name)) AS tables`
	return database.NewRaw(query, largeTable, bun.List(storedTableNames())).
		Scan(ctx, &i.LargestTable, pgdialect.Array(&i.Unanalyzed), pgdialect.Array(&i.Unvacuumed))
}

func (i *Inspection) copies(ctx context.Context, database *bun.DB) error {
	const query = `
SELECT current_setting('archive_mode') <> 'off', (SELECT count(*) FROM pg_stat_replication),
       (SELECT coalesce(array_agg(pubname::text ORDER BY pubname), '{}') FROM pg_publication),
       (SELECT count(*) FROM pg_stat_subscription)`
	c := &i.Copies
	if err := database.NewRaw(query).
		Scan(ctx, &c.Archives, &c.Replicas, pgdialect.Array(&c.Publications), &c.Subscriptions); err != nil {
		return err
	}
	const slots = `
SELECT slot_name AS name, active, coalesce(pg_wal_lsn_diff(
           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn), 0)::bigint
           AS retained
  FROM pg_replication_slots ORDER BY slot_name`
	return database.NewRaw(slots).Scan(ctx, &c.Slots)
}

// audited looks whether the audit log refuses changes.
func (i *Inspection) audited(ctx context.Context, database *bun.DB) error {
	var names []string
	for _, table := range auditTables() {
		names = append(names, table.name)
	}
	const query = `
SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM unnest(ARRAY[?]::text[]) AS name
 WHERE to_regclass(name) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger
       WHERE tgrelid = to_regclass(name) AND tgfoid = to_regproc('refuse_change') AND tgenabled IN ('O', 'A'))`
	return database.NewRaw(query, bun.List(names)).Scan(ctx, pgdialect.Array(&i.BareTriggers))
}

func storedTableNames() []string {
	var names []string
	for _, table := range storedTables() {
		names = append(names, table.name)
	}
	return names
}

// CountMedia says of keys of the file store how many the database knows as recordings, and how many no table knows.
func CountMedia(ctx context.Context, database *bun.DB, keys []string) (recordings, strays int, err error) {
	const query = `
SELECT count(*) FILTER (WHERE recording), count(*) FILTER (WHERE NOT recording AND NOT loose)
  FROM (SELECT EXISTS (SELECT FROM media_files WHERE store_key = k) AS recording,
               EXISTS (SELECT FROM loose_media WHERE store_key = k) AS loose FROM unnest(ARRAY[?]::text[]) AS k) AS keys`
	if len(keys) == 0 { // a list of none would be one null
		return 0, 0, nil
	}
	err = database.NewRaw(query, bun.List(keys)).Scan(ctx, &recordings, &strays)
	return recordings, strays, err
}

// CountStored says how many recordings lie in the file store, by the database.
func CountStored(ctx context.Context, database *bun.DB) (count int, err error) {
	err = database.NewRaw("SELECT count(*) FROM media_files WHERE store_key <> ''").Scan(ctx, &count)
	return count, err
}
