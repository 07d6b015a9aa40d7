// Package migrations brings a database to the structure that this version of the program needs. The steps are SQL files
// inside the binary; applying them is safe when several processes start at once.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"

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
// left to do.
func Run(ctx context.Context, db *bun.DB) (applied []string, err error) {
	unlock, err := lock(ctx, db)
	if err != nil {
		return nil, err
	}
	defer unlock()
	migrator, err := newMigrator(db)
	if err != nil {
		return nil, err
	}
	if err := migrator.Init(ctx); err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	if err := refuseForeign(ctx, db); err != nil {
		return nil, err
	}
	group, err := migrator.Migrate(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	queue, err := migrateQueue(ctx, db)
	return append(names(group.Migrations), queue...), err
}

// Pending lists the steps that a database lacks, without changing it.
func Pending(ctx context.Context, db *bun.DB) ([]string, error) {
	migrator, err := newMigrator(db)
	if err != nil {
		return nil, err
	}
	var exists bool
	if err := db.NewRaw("SELECT to_regclass('bun_migrations') IS NOT NULL").Scan(ctx, &exists); err != nil {
		return nil, err
	}
	if !exists {
		all, err := discover()
		if err != nil {
			return nil, err
		}
		queue, err := pendingQueue(ctx, db)
		return append(names(all.Sorted()), queue...), err
	}
	if err := refuseForeign(ctx, db); err != nil {
		return nil, err
	}
	steps, err := migrator.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, err
	}
	queue, err := pendingQueue(ctx, db)
	return append(names(steps.Unapplied()), queue...), err
}

// ErrForeign says that a database has the structure of a version before the first release, which no step leads on from.
var ErrForeign = errors.New("the database has the structure of a version before the first release, which this version " +
	"cannot bring up to date; use a new database, or start the demo with --fresh")

// refuseForeign fails with ErrForeign for a database with a step that this version does not know, unless the step is
// of a later version.
func refuseForeign(ctx context.Context, db *bun.DB) error {
	all, err := discover()
	if err != nil {
		return err
	}
	steps := all.Sorted()
	known := make([]string, len(steps))
	for i, step := range steps {
		known[i] = step.Name
	}
	const query = "SELECT EXISTS (SELECT 1 FROM bun_migrations WHERE name NOT IN (?) AND name < ?)"
	var foreign bool
	if err := db.NewRaw(query, bun.List(known), slices.Max(known)).Scan(ctx, &foreign); err != nil {
		return err
	}
	if foreign {
		return ErrForeign
	}
	return nil
}

// lock takes the advisory lock on a connection of its own, where it stays until unlock, or until the process dies.
func lock(ctx context.Context, db *bun.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(?)", lockKey); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("wait for other migrations: %w", err)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(?)", lockKey)
		_ = conn.Close()
	}, nil
}

func discover() (*migrate.Migrations, error) {
	all := migrate.NewMigrations()
	return all, all.Discover(files)
}

func newMigrator(db *bun.DB) (*migrate.Migrator, error) {
	all, err := discover()
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
	return rivermigrate.New(riverdatabasesql.New(db.DB), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
}

func migrateQueue(ctx context.Context, db *bun.DB) ([]string, error) {
	migrator, err := newQueueMigrator(db)
	if err != nil {
		return nil, err
	}
	result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return nil, fmt.Errorf("migrate the job queue: %w", err)
	}
	applied := []string{}
	for _, step := range result.Versions {
		applied = append(applied, queueStep(step.Version))
	}
	return applied, nil
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
