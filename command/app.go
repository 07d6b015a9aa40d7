package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/refusals"
	"qm-compliance/httpserver"
	"qm-compliance/jobs"
	"qm-compliance/media/filestore"
	"qm-compliance/media/interaction"
	"qm-compliance/media/playback"
	"qm-compliance/notify"
	"qm-compliance/telemetry"
)

// app is an open installation: a database whose structure is current, a file store, and what works on both.
type app struct {
	*database
	store *db.Store
	probe *db.Probe
	media *filestore.Files
	hub   *notify.Hub // serve runs it
	// refusals audits who was refused what; serve runs it.
	refusals *refusals.Log
	tracer   *telemetry.Tracer // nil where no traces are wanted
	logger   *slog.Logger
}

// openOptions say what openApp does with the database before it works on it.
type openOptions struct {
	// migrate brings the structure of the database up to date. Without it, openApp fails if that is not current.
	migrate bool
	// clearDemo deletes everything that earlier demos left, first of all.
	clearDemo bool
	// bounds limit the connections to the database and what runs on them.
	bounds db.PoolOptions
}

// openApp opens the installation that the flags name. The caller closes it.
func (e environment) openApp(ctx context.Context, options openOptions) (_ *app, err error) {
	tracer, err := telemetry.OpenTracer(ctx, os.Getenv, ownVersion(), e.logger)
	if err != nil {
		return nil, err
	}
	options.bounds.Traced = tracer != nil
	database, err := e.openDatabase(ctx, options.bounds)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, database.close())
		}
	}()
	files, err := e.openMedia(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, files.Close())
		}
	}()
	if options.clearDemo {
		if err := clearDemo(ctx, database.bun, files); err != nil {
			return nil, err
		}
	}
	store, err := e.newStore(ctx, database, options.migrate)
	if err != nil {
		return nil, err
	}
	probe, err := db.NewProbe(ctx, database.pool)
	if err != nil {
		return nil, err
	}
	return &app{
		database: database, store: store, probe: probe, media: files,
		hub:      notify.NewHub(database.pool, e.logger),
		refusals: refusals.New(refusals.Options{Record: store.Record, Logger: e.logger}), logger: e.logger,
		tracer: tracer,
	}, nil
}

// close closes the file store and the database, and exports the last spans. That they cannot be exported is logged.
func (a *app) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if err := a.tracer.Shutdown(ctx); err != nil {
		a.logger.WarnContext(ctx, "the last traces are lost: they cannot be exported", "error", err)
	}
	return errors.Join(a.probe.Close(), a.media.Close(), a.database.close())
}

// lastSpans is how long the export of the last spans may take.
const lastSpans = 5 * time.Second

// withApp runs do on an app that is open as long.
func (e environment) withApp(ctx context.Context, options openOptions, do func(*app) error) (err error) {
	opened, err := e.openApp(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	return do(opened)
}

// forCommand are the options for a command that an operator runs once. The embedded database is migrated
// without being asked, since nobody else looks after it.
func (f sharedFlags) forCommand() openOptions { return openOptions{migrate: f.embedded()} }

// links makes links to recordings, valid for lifetime. Every server on the same database accepts them.
func (a *app) links(ctx context.Context, lifetime time.Duration) (*playback.Links, error) {
	if lifetime <= 0 {
		return nil, errors.New("--playback-lifetime must be positive, such as 10m")
	}
	key, err := a.store.PlaybackKey(ctx)
	if err != nil {
		return nil, err
	}
	return playback.NewLinks(key, lifetime, time.Now)
}

// background is what the background work of a server needs besides the app.
type background struct {
	service interaction.Service
	// timeout bounds one request to the service.
	timeout time.Duration
	// jobs say how much of the work on jobs is done here.
	jobs jobFlags
	// verifier keeps the keys current that tokens are checked with.
	verifier *auth.Verifier
}

// serve serves HTTP until ctx ends and what is under way has, and does the work in the background as long: it
// notifies subscribers, delivers requests to the Interaction service, and follows the identity provider's keys.
func (a *app) serve(ctx context.Context, server httpserver.Server, work background) error {
	group, ctx := errgroup.WithContext(ctx)
	// The background work outlasts ctx: requests that end need it.
	behind, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	group.Go(func() error { return ignoreCancel(a.hub.Run(behind)) })
	group.Go(func() error { return ignoreCancel(work.verifier.Run(behind)) })
	group.Go(func() error { return a.refusals.Run(behind) })
	group.Go(func() error {
		return jobs.Run(behind, jobs.Options{
			Database: a.bun, Pool: a.pool, Store: a.store, Service: work.service, Logger: a.logger,
			GlobalID: graph.GlobalID, AttemptTimeout: work.timeout, Tracer: a.tracer,
			JobRunners: work.jobs.JobRunners, JobShare: work.jobs.JobShare, Stored: a.media.Exists,
		})
	})
	group.Go(func() error {
		defer stop()
		return server.Serve(ctx)
	})
	return group.Wait()
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// warnAboutServer warns of settings that make PostgreSQL log statements, with the values in them, and of a
// server that does not know the case of all letters.
func (a *app) warnAboutServer(ctx context.Context) error {
	collation, err := a.store.CaseFolding(ctx)
	if err != nil {
		return err
	}
	if collation == "" {
		a.logger.WarnContext(ctx, "PostgreSQL has no collation for all letters: filters ignore the case of ASCII letters only",
			"better", "a PostgreSQL with ICU, or version 17")
	}
	leaks, err := a.store.LoggingSettings(ctx)
	for _, leak := range leaks {
		a.logger.WarnContext(ctx, "PostgreSQL may log personal data", "setting", leak.Name, "value", leak.Value,
			"better", fmt.Sprintf("%s = %s", leak.Name, leak.Better))
	}
	return err
}
