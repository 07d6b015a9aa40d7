package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/jobs"
	"qm-compliance/migrations"
	"qm-compliance/postgres"
)

// database is an open connection to PostgreSQL, whatever the structure of its tables.
type database struct {
	pool   *pgxpool.Pool
	bun    *bun.DB
	url    string
	server *postgres.Server // the embedded server; nil with --database-url
}

// openDatabase connects to the PostgreSQL at --database-url, or else to the embedded one, which it starts if
// it does not run yet. Bounds limit the connections and what runs on them; their number is the flags'.
func (e environment) openDatabase(ctx context.Context, bounds db.PoolOptions) (*database, error) {
	opened := &database{url: e.Database}
	if e.embedded() {
		server, err := postgres.Start(ctx, postgres.Options{
			Dir: e.Data, Logger: e.logger, Watch: true, Keep: true,
		})
		if err != nil {
			return nil, err
		}
		opened.server, opened.url = server, server.URL()
	}
	bounds.Connections, bounds.Unprepared = e.Connections, e.Unprepared
	var err error
	if opened.pool, opened.bun, err = db.ConnectWith(ctx, opened.url, bounds); err != nil {
		return nil, errors.Join(err, opened.stop())
	}
	return opened, nil
}

// close disconnects from the database, and stops the embedded server if nobody else uses it.
func (d *database) close() error {
	err := d.bun.Close()
	d.pool.Close()
	return errors.Join(err, d.stop())
}

func (d *database) stop() error {
	if d.server == nil {
		return nil
	}
	return d.server.Close()
}

// withDatabase runs do on a database that is open as long.
func (e environment) withDatabase(ctx context.Context, do func(*database) error) (err error) {
	opened, err := e.openDatabase(ctx, db.PoolOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	return do(opened)
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
// it is to migrate. It fails if migrations are pending.
func (e environment) newStore(ctx context.Context, database *database, migrate bool) (*db.Store, error) {
	if migrate {
		if err := database.migrate(ctx); err != nil {
			return nil, err
		}
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
	if err != nil || e.InteractionURL == "" {
		return store, err
	}
	outbox, err := jobs.NewOutbox(database.bun)
	if err != nil {
		return nil, err
	}
	return store.WithOutbox(outbox), nil
}

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
