// Package jobs does what is to be done in the background: it brings the requests of the outbox to the Interaction service, and ends protections whose date has come.
// The work is queued in PostgreSQL, so that any server may do it, and what one leaves half done another does again.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
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
	// expiryPeriod is for how long one look at them keeps others from looking.
	expiryPeriod = 3 * expiryInterval
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
	// AttemptTimeout is how long the service may take over one attempt at most; a job that takes much longer was left by a server that is no more.
	AttemptTimeout time.Duration
	// Delay tells how long to wait after a request failed so many times, the last time with failure; nil means interaction.Next.
	Delay func(failed int, failure error) time.Duration
	// GlobalID writes the id of a thing as the API does, such as that of a Conversation.
	GlobalID func(kind string, number int64) string
}

// slack is how long a job may take beside the exchange with the service.
const slack = time.Minute

// abandoned is the time after which a delivery is taken for one that nobody works on any more.
func (o Options) abandoned() time.Duration { return o.AttemptTimeout + slack }

// Run works until ctx ends, and then lets what is running come to an end.
func Run(ctx context.Context, options Options) error {
	if options.Delay == nil {
		options.Delay = func(failed int, failure error) time.Duration { return interaction.Next(failed, failure, rand.Float64) }
	}
	works := river.NewWorkers()
	river.AddWorker(works, &deliverer{options: options})
	river.AddWorker(works, &expirer{options: options})
	client, err := river.NewClient(riverdatabasesql.NewWithPgxListener(options.Database.DB, options.Pool), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}, deliveries: {MaxWorkers: workers}},
		Workers: works,
		// Else what a killed server had begun would wait for an hour.
		RescueStuckJobsAfter: max(options.abandoned(), river.JobTimeoutDefault),
		Logger:               slog.New(slog.DiscardHandler),
		ErrorHandler:         reporter{options.Logger},
		PeriodicJobs:         []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(expiryInterval), expiryJob, &river.PeriodicJobOpts{RunOnStart: true})},
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
