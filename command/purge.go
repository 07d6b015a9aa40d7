package command

import (
	"context"
	"fmt"

	"qm-compliance/db"
)

type purgeCommand struct{}

// Run removes what PostgreSQL keeps of overwritten values, step by step, and says what it cannot reach.
func (purgeCommand) Run(ctx context.Context, io Streams, e environment) error {
	return e.withStore(ctx, func(opened *database, store *db.Store) error {
		report, err := store.Purge(ctx, func(step string) { _, _ = fmt.Fprintln(io.Out, step) })
		if err != nil {
			return err
		}
		if opened.embedded == nil || len(report.Remains) > 0 {
			_, _ = fmt.Fprintln(io.Out, "\nWhat this command cannot reach:")
		}
		for _, remains := range report.Remains {
			_, _ = fmt.Fprintln(io.Out, "-", remains)
		}
		if opened.embedded == nil {
			_, _ = fmt.Fprintln(io.Out, "- backups of this database, and logs that the server wrote before: they hold what they held when they were made")
		}
		return nil
	})
}
