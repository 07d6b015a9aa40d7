// Package migrations brings a database to the structure that this version of the program needs. The steps are
// SQL files inside the binary; applying them is safe when several processes start at once, and while servers
// of this version and of the one before it run. README.md says how a step is written so that it is.
//
// It also gives a server's role its rights on that structure, and compares them: see Grant and CheckRights.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// lockKey names the advisory lock under which one process at a time migrates a database.
const lockKey = 0x716d_6d69_6772

// Run applies what is missing, and returns the names of the steps that it applied; none where the database is
// current. Where another process is migrating the same database it waits for that one, and then finds nothing
// left to do. A step that gives up waiting for a lock is tried again. The roles that Grant was called for get
// the rights on what is new. Later are the steps of a later version, for tests.
func Run(ctx context.Context, db *bun.DB, later ...fs.FS) (applied []string, err error) {
	if pending, err := Pending(ctx, db, later...); err != nil || len(pending) == 0 {
		return nil, err
	}
	unlock, err := lock(ctx, db)
	if err != nil {
		return nil, err
	}
	defer unlock()
	migrator, err := newMigrator(db, later...)
	if err != nil {
		return nil, err
	}
	if err := migrator.Init(ctx); err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", explain(err))
	}
	pending, err := Pending(ctx, db, later...)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	if err := apply(ctx, migrator); err != nil {
		return nil, fmt.Errorf("migrate: %w", explain(err))
	}
	if err := migrateQueue(ctx, db); err != nil {
		return nil, err
	}
	return pending, renew(ctx, db)
}

const (
	// lockPatience is how long a step is tried again whose table others use in transactions that do not end.
	lockPatience = 10 * time.Minute
	// lockPause lets those through who waited behind the step.
	lockPause = 200 * time.Millisecond
	// lockNotAvailable is what PostgreSQL says when lock_timeout is over.
	lockNotAvailable = "55P03"
)

// apply applies the steps. While one waits for the lock of a table everybody else waits behind it, so that
// steps bound their wait (lock_timeout).
func apply(ctx context.Context, migrator *migrate.Migrator) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		_, err := migrator.Migrate(ctx)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != lockNotAvailable {
			return err
		}
		if pause(ctx, lockPause) != nil {
			return err
		}
	}
}

// explain says of a right that the role lacks who has it.
func explain(err error) error {
	const insufficientPrivilege = "42501"
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == insufficientPrivilege {
		return fmt.Errorf("%w; migrate as the owner of the database, who also owns its tables", err)
	}
	return err
}

// pause returns early, with its error, where ctx ends.
func pause(ctx context.Context, length time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(length):
		return nil
	}
}

// Pending lists the steps that a database lacks, without changing it. It fails with ErrForeign or ErrNewer
// where this version cannot work with the database.
func Pending(ctx context.Context, db *bun.DB, later ...fs.FS) ([]string, error) {
	migrator, err := newMigrator(db, later...)
	if err != nil {
		return nil, err
	}
	var exists bool
	if err := db.NewRaw("SELECT to_regclass('bun_migrations') IS NOT NULL").Scan(ctx, &exists); err != nil {
		return nil, err
	}
	queue, err := pendingQueue(ctx, db)
	if err != nil {
		return nil, err
	}
	all, err := discover(later...)
	if err != nil {
		return nil, err
	}
	if !exists {
		return append(names(all.Sorted()), queue...), nil
	}
	if err := refuseOthers(ctx, db, all.Sorted()); err != nil {
		return nil, err
	}
	steps, err := migrator.MigrationsWithStatus(ctx)
	return append(names(steps.Unapplied()), queue...), err
}

// ErrForeign says that a database has the structure of a version before the first release, which no step
// leads on from.
var ErrForeign = errors.New("the database has the structure of a version before the first release, which this " +
	"version cannot bring up to date; use a new database, or start the demo with --fresh")

// ErrNewer says that a later version has taken away what this version needs.
var ErrNewer = errors.New("the database has the structure of a later version of qm-compliance, from which something " +
	"is gone that this version needs; run that version")

// refuseOthers fails for a database with which this version, whose steps are given, cannot work. Steps of
// later versions add something and leave the rest as it is; one that takes something away names the oldest
// step whose version goes without it, in the table installation.
func refuseOthers(ctx context.Context, db *bun.DB, steps migrate.MigrationSlice) error {
	known := make([]string, len(steps))
	for i, step := range steps {
		known[i] = step.Name
	}
	newest := slices.Max(known)
	const query = "SELECT EXISTS (SELECT 1 FROM bun_migrations WHERE name NOT IN (?) AND name < ?), " +
		"to_regclass('installation') IS NOT NULL"
	var foreign, made, newer bool
	if err := db.NewRaw(query, bun.List(known), newest).Scan(ctx, &foreign, &made); err != nil {
		return err
	}
	if foreign {
		return ErrForeign
	}
	if !made {
		return nil
	}
	const oldest = "SELECT EXISTS (SELECT 1 FROM installation WHERE name = 'oldest_step' " +
		"AND convert_from(value, 'UTF8') > ?)"
	if err := db.NewRaw(oldest, newest).Scan(ctx, &newer); err != nil {
		return err
	}
	if newer {
		return ErrNewer
	}
	return nil
}

// lock takes the advisory lock on a connection of its own, where it stays until unlock, or until the process
// dies. It asks again and again: a statement that waits for the lock would have a snapshot, for whose end a
// step that makes an index concurrently waits, under this lock.
func lock(ctx context.Context, db *bun.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for locked := false; !locked; {
		err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", lockKey).Scan(&locked)
		if err == nil && !locked {
			err = pause(ctx, lockPause)
		}
		if err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("wait for other migrations: %w", err)
		}
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lockKey)
		_ = conn.Close()
	}, nil
}

func discover(later ...fs.FS) (*migrate.Migrations, error) {
	all := migrate.NewMigrations()
	for _, steps := range append([]fs.FS{files}, later...) {
		if err := all.Discover(steps); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func newMigrator(db *bun.DB, later ...fs.FS) (*migrate.Migrator, error) {
	all, err := discover(later...)
	if err != nil {
		return nil, err
	}
	return migrate.NewMigrator(db, all, migrate.WithMarkAppliedOnSuccess(true)), nil
}

func names(steps migrate.MigrationSlice) []string {
	list := make([]string, 0, len(steps))
	for _, step := range steps {
		list = append(list, step.Name+"_"+step.Comment)
	}
	return list
}

// The tables of the job queue belong to River, which brings their migrations along.

func newQueueMigrator(db *bun.DB) (*rivermigrate.Migrator[*sql.Tx], error) {
	silent := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	return rivermigrate.New(riverdatabasesql.New(db.DB), silent)
}

func migrateQueue(ctx context.Context, db *bun.DB) error {
	migrator, err := newQueueMigrator(db)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// pendingQueue lists what the tables of the queue lack, by comparing what was applied with all that there is.
func pendingQueue(ctx context.Context, db *bun.DB) ([]string, error) {
	migrator, err := newQueueMigrator(db)
	if err != nil {
		return nil, err
	}
	existing, err := migrator.ExistingVersions(ctx)
	if err != nil {
		return nil, err
	}
	applied := map[int]bool{}
	for _, step := range existing {
		applied[step.Version] = true
	}
	pending := []string{}
	for _, step := range migrator.AllVersions() {
		if !applied[step.Version] {
			pending = append(pending, queueStep(step.Version))
		}
	}
	return pending, nil
}

func queueStep(version int) string { return fmt.Sprintf("river_%03d", version) }
