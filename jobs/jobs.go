// Package jobs does what is to be done in the background: it brings the requests of the outbox to the Interaction service, and ends protections whose date has come.
// The work is queued in PostgreSQL, so that any server may do it, and what one leaves half done another does again.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/media/interaction"
)

const (
	// deliveries is a queue of its own, so that a service which does not answer holds up nothing else.
	deliveries = "deliveries"
	// workers is how many requests one server sends at once.
	workers = 20
	// expiryInterval is how often protections are looked at.
	expiryInterval = 5 * time.Second
	// stopTimeout is how long running jobs may take to end when the server stops; they are done again otherwise.
	stopTimeout = 5 * time.Second
)

// Options are what the background work is made of.
type Options struct {
	Database *bun.DB
	Pool     *pgxpool.Pool
	Store    *db.Store
	Service  interaction.Service
	Logger   *slog.Logger
	// GlobalID writes the id of a thing as the API does, such as that of a Conversation.
	GlobalID func(kind string, number int64) string
}

// Run works until ctx ends, and then lets what is running come to an end.
func Run(ctx context.Context, options Options) error {
	works := river.NewWorkers()
	river.AddWorker(works, &deliverer{options: options})
	river.AddWorker(works, &expirer{options: options})
	client, err := river.NewClient(riverdatabasesql.NewWithPgxListener(options.Database.DB, options.Pool), &river.Config{
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, deliveries: {MaxWorkers: workers}},
		Workers:      works,
		Logger:       slog.New(slog.DiscardHandler),
		ErrorHandler: reporter{options.Logger},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(expiryInterval), expiryJob, &river.PeriodicJobOpts{RunOnStart: true})},
	})
	if err != nil {
		return fmt.Errorf("set up the job queue: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := client.Stop(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return client.StopAndCancel(context.WithoutCancel(ctx))
}
