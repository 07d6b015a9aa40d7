package command

import (
	"context"
	"fmt"
)

type purgeCommand struct{}

// Run removes what PostgreSQL keeps of overwritten values, and prints each step and what it cannot reach. It
// needs no file store.
func (purgeCommand) Run(ctx context.Context, env environment) error {
	return env.withDatabase(ctx, func(database *database) error {
		store, err := env.newStore(ctx, database, env.embedded())
		if err != nil {
			return err
		}
		report, err := store.Purge(ctx, func(step string) { _, _ = fmt.Fprintln(env.Out, step) })
		if err != nil {
			return err
		}
		remains := report.Remains
		if !env.embedded() {
			remains = append(remains, "backups of this database, and logs that the server wrote before: "+
				"they hold what they held when they were made")
		}
		if len(remains) > 0 {
			_, _ = fmt.Fprintln(env.Out, "\nWhat this command cannot reach:")
		}
		for _, place := range remains {
			_, _ = fmt.Fprintln(env.Out, "-", place)
		}
		return nil
	})
}
