package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/jobs"
	"qm-compliance/media/filestore"
	"qm-compliance/migrations"
	"qm-compliance/postgres"
)

// defaultDataDir is $XDG_DATA_HOME/qm-compliance, and for root /var/lib/qm-compliance.
func defaultDataDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/qm-compliance"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "qm-compliance")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "qm-compliance-data"
	}
	return filepath.Join(home, ".local", "share", "qm-compliance")
}

// database is an open database, with the embedded server where it runs on that.
type database struct {
	pool     *pgxpool.Pool
	bun      *bun.DB
	embedded *postgres.Server
	media    *filestore.Files // nil for commands that need none
	// queued tells that requests are queued for an Interaction service.
	queued bool
}

// open connects to the PostgreSQL that was named, else to the embedded one, which it starts where nobody has.
func (e environment) open(ctx context.Context) (*database, error) {
	opened := &database{queued: e.media.InteractionURL != ""}
	url := e.databaseURL
	if url == "" {
		server, err := postgres.Start(ctx, postgres.Options{Dir: e.dataDir, Logger: e.logger, Watch: true})
		if err != nil {
			return nil, err
		}
		opened.embedded, url = server, server.URL()
	}
	var err error
	if opened.pool, opened.bun, err = db.Connect(ctx, url); err != nil {
		return nil, errors.Join(err, opened.close())
	}
	return opened, nil
}

// close leaves the database; the last process to leave the embedded server stops it.
func (d *database) close() error {
	var err error
	if d.media != nil {
		err = d.media.Close()
	}
	if d.bun != nil {
		err = errors.Join(err, d.bun.Close())
	}
	if d.pool != nil {
		d.pool.Close()
	}
	if d.embedded != nil {
		err = errors.Join(err, d.embedded.Close())
	}
	return err
}

// store is the way into a database whose structure is current. A database that lacks migrations is refused unless they are to be made.
func (d *database) store(ctx context.Context, migrate bool) (*db.Store, error) {
	if migrate {
		if _, err := migrations.Run(ctx, d.bun); err != nil {
			return nil, err
		}
	}
	pending, err := migrations.Pending(ctx, d.bun)
	if err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		return nil, fmt.Errorf("the database lacks %d migrations (%s); run qm-compliance migrate, or start with --migrate", len(pending), strings.Join(pending, ", "))
	}
	store, err := db.New(ctx, d.bun, time.Now)
	if err != nil || !d.queued {
		return store, err
	}
	outbox, err := jobs.NewOutbox(d.bun)
	return store.WithOutbox(outbox), err
}

// withStore runs a command on a database that is opened for it and left afterwards. The embedded database is migrated as a matter of course,
// since nobody else looks after it.
func (e environment) withStore(ctx context.Context, do func(*database, *db.Store) error) (err error) {
	opened, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	store, err := opened.store(ctx, opened.embedded != nil)
	if err != nil {
		return err
	}
	return do(opened, store)
}
