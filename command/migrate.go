package command

import (
	"context"
	"fmt"

	"qm-compliance/migrations"
)

type migrateCommand struct{}

// Run brings the structure of the database up to date, and prints each migration that it applied.
func (migrateCommand) Run(ctx context.Context, env environment) error {
	return env.withDatabase(ctx, func(database *database) error {
		applied, err := migrations.Run(ctx, database.bun)
		for _, name := range applied {
			_, _ = fmt.Fprintln(env.Out, "applied", name)
		}
		if err == nil && len(applied) == 0 {
			_, _ = fmt.Fprintln(env.Out, "the database is current")
		}
		return err
	})
}
