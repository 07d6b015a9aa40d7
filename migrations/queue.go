package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"
)

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
