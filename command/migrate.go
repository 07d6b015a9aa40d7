package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"qm-compliance/db"
	"qm-compliance/jobs"
	"qm-compliance/migrations"
)

type migrateCommand struct {
	Grant []string `help:"A role of PostgreSQL that serves: it gets the rights that this takes, and keeps no others on the tables. Repeatable; a role keeps its rights through later migrations." env:"QM_GRANT" placeholder:"ROLE"`
}

// Run brings the structure of the database up to date, and prints each migration that it applied. Then it
// grants roles their rights.
func (c migrateCommand) Run(ctx context.Context, env environment) error {
	return env.withDatabase(ctx, func(database *database) error {
		applied, err := migrations.Run(ctx, database.bun)
		for _, name := range applied {
			_, _ = fmt.Fprintln(env.Out, "applied", name)
		}
		if err != nil {
			return err
		}
		if len(applied) == 0 {
			_, _ = fmt.Fprintln(env.Out, "the database is current")
		}
		for _, role := range c.Grant {
			if err := migrations.Grant(ctx, database.bun, role); err != nil {
				return err
			}
			_, _ = fmt.Fprintln(env.Out, "granted to", role)
		}
		return nil
	})
}

// migrate brings the structure up to date, over a pool of its own: the limits of a server's statements are
// none for a migration.
func (d *database) migrate(ctx context.Context) error {
	pool, unlimited, err := db.Connect(ctx, d.url)
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = migrations.Run(ctx, unlimited)
	return errors.Join(err, unlimited.Close())
}

// newStore returns the store of a database whose structure is current, after it has migrated the database if
// it is to migrate. It fails if migrations are pending, and if the database's role lacks rights.
func (e environment) newStore(ctx context.Context, database *database, migrate bool) (*db.Store, error) {
	if migrate {
		if err := database.migrate(ctx); err != nil {
			return nil, err
		}
	}
	rights, err := migrations.CheckRights(ctx, database.bun)
	if err != nil {
		return nil, err
	}
	if err := rights.Sufficient(); err != nil {
		return nil, err
	}
	pending, err := migrations.Pending(ctx, database.bun)
	if err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("the database lacks %d migrations (%s); "+
			"run qm-compliance migrate, or start with --migrate", len(pending), strings.Join(pending, ", "))
	}
	store, err := db.New(ctx, database.bun, time.Now)
	if err != nil {
		return nil, err
	}
	runners, err := jobs.NewRunners(database.bun)
	if err != nil {
		return nil, err
	}
	store = store.WithRunners(runners)
	if e.InteractionURL == "" {
		return store, nil
	}
	outbox, err := jobs.NewOutbox(database.bun)
	if err != nil {
		return nil, err
	}
	return store.WithOutbox(outbox), nil
}

// boundRights refuses a role of the database that can change the audit log, or warns of it, as the flag says.
// The embedded PostgreSQL has one role for everything, which is no reason to warn.
func (a *app) boundRights(ctx context.Context, excess string) error {
	if excess == warnOfExcess && a.server != nil {
		return nil
	}
	rights, err := migrations.CheckRights(ctx, a.bun)
	if err != nil {
		return err
	}
	bounded := rights.Bounded()
	switch {
	case bounded == nil:
		return nil
	case excess == warnOfExcess:
		a.logger.WarnContext(ctx, bounded.Error(), "better", "serve as a role of its own (migrate --grant ROLE)")
		return nil
	}
	return fmt.Errorf("%w; serve as a role that qm-compliance migrate --grant ROLE was run for, "+
		"or allow this with --excess-rights warn", bounded)
}

// warnOfExcess is what --excess-rights is at first.
const warnOfExcess = "warn"
