package command

import (
	"context"
	"errors"
	"fmt"

	"qm-compliance/migrations"
)

type migrateCommand struct{}

// Run brings the database up to date, and says what it did.
func (migrateCommand) Run(ctx context.Context, io Streams, e environment) (err error) {
	opened, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	applied, err := migrations.Run(ctx, opened.bun)
	for _, name := range applied {
		_, _ = fmt.Fprintln(io.Out, "applied", name)
	}
	if err == nil && len(applied) == 0 {
		_, _ = fmt.Fprintln(io.Out, "the database is current")
	}
	return err
}
