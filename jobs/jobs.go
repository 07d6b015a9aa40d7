// Package jobs works in the background: it delivers the requests of the outbox to the Interaction
// service, ends protections whose date has come, and works on the jobs that anonymize many conversations. The work is queued in PostgreSQL, so that any
// server may do it, and another server does again what one left half done.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/media/interaction"
	"qm-compliance/telemetry"
)

const (
	// deliveries is a separate queue, so that a service that does not answer holds up nothing else.
	deliveries = "deliveries"
	// workers is the number of requests that one server sends at once.
	workers = 20
	// expiryInterval is how often protections are looked at.
	expiryInterval = 5 * time.Second
	// expiryPeriod is how long one look at protections keeps other servers from looking.
	expiryPeriod = 3 * expiryInterval
	// stopTimeout is how long running jobs may take to end when the server stops; others run again.
	stopTimeout = 5 * time.Second
)

// Options are the dependencies and the limits of the background work.
type Options struct {
	Database *bun.DB
	Pool     *pgxpool.Pool
	Store    *db.Store
	Service  interaction.Service
	Logger   *slog.Logger
	// AttemptTimeout bounds one attempt. A job that takes much longer counts as left by a server that is
	// gone.
	AttemptTimeout time.Duration
	// Delay returns how long to wait after a request has failed so many times, the last time with
	// failure; nil means interaction.Next.
	Delay func(failed int, failure error) time.Duration
	// Tracer begins the spans of deliveries; nil begins none.
	Tracer *telemetry.Tracer
	// GlobalID writes the id of a thing as the API does, such as that of a Conversation.
	GlobalID func(kind string, number int64) string
	// JobRunners is how many runners of jobs work here at once; 0 leaves jobs to other servers. JobShare is the share of
	// its time in which each works, above 0 and up to 1; 0 means DefaultJobShare.
	JobRunners int
	JobShare   float64
	// Stored reports whether the file store has a file, for the verification of jobs.
	Stored func(ctx context.Context, key string) (bool, error)
}

// slack is how long a job may take beside the exchange with the service.
const slack = time.Minute

// abandoned returns the time after which a delivery counts as left by its server.
func (o Options) abandoned() time.Duration { return o.AttemptTimeout + slack }

// Run works until ctx ends, and then lets what is running come to an end.
func Run(ctx context.Context, options Options) error {
	if options.Delay == nil {
		options.Delay = func(failed int, failure error) time.Duration {
			return interaction.Next(failed, failure, rand.Float64)
		}
	}
	works := river.NewWorkers()
	river.AddWorker(works, &deliverer{options: options})
	river.AddWorker(works, &expirer{options: options})
	river.AddWorker(works, &anonymizer{options: options})
	driver := riverdatabasesql.NewWithPgxListener(options.Database.DB, options.Pool)
	client, err := river.NewClient(driver, &river.Config{
		Queues:  options.queues(),
		Workers: works,
		// Otherwise a job that a killed server had begun would wait for an hour.
		RescueStuckJobsAfter: max(options.abandoned(), river.JobTimeoutDefault),
		Logger:               slog.New(slog.DiscardHandler),
		ErrorHandler:         reporter{options.Logger},
		// A server owns no index, which is what it takes to make one anew.
		ReindexerIndexNames: []string{},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(expiryInterval), expiryJob, &river.PeriodicJobOpts{RunOnStart: true},
		)},
	})
	if err != nil {
		return fmt.Errorf("set up the job queue: %w", err)
	}
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	tend(ctx, options, client)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := client.Stop(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return client.StopAndCancel(context.WithoutCancel(ctx))
}

// queues are those that this server works on.
func (o Options) queues() map[string]river.QueueConfig {
	queues := map[string]river.QueueConfig{
		river.QueueDefault: {MaxWorkers: 2}, deliveries: {MaxWorkers: workers},
	}
	if o.JobRunners > 0 {
		queues[anonymizations] = river.QueueConfig{MaxWorkers: o.JobRunners}
	}
	return queues
}

// reporter writes to the operator's log what went wrong with a job. An error may repeat values of a
// statement, so reporter writes only what db.Explain makes of it.
type reporter struct{ logger *slog.Logger }

// HandleError reports an error; the job goes on by its own rules.
func (r reporter) HandleError(
	ctx context.Context, job *rivertype.JobRow, err error,
) *river.ErrorHandlerResult {
	r.logger.ErrorContext(ctx, "a background job failed", "job", job.Kind, "error",
		cmp.Or(db.Explain(err), "it is not the database's"))
	return nil
}

// HandlePanic reports a panic.
func (r reporter) HandlePanic(
	ctx context.Context, job *rivertype.JobRow, _ any, trace string,
) *river.ErrorHandlerResult {
	r.logger.ErrorContext(ctx, "a background job panicked", "job", job.Kind, "trace", trace)
	return nil
}

// Expiry is the job that ends protections whose date has come.
type Expiry struct{}

// Kind names the job in the queue.
func (Expiry) Kind() string { return "expire_protections" }

// expiryJob returns the one job that runs at a time, however many servers there are. A job that a killed
// server had begun counts as running until its Timeout, and holds up the others for expiryPeriod at
// most: two at once do no harm.
func expiryJob() (river.JobArgs, *river.InsertOpts) {
	unfinished := []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}
	return Expiry{}, &river.InsertOpts{
		MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: expiryPeriod, ByState: unfinished},
	}
}

// expirer ends protections.
type expirer struct {
	river.WorkerDefaults[Expiry]
	options Options
}

// expiryBatch is the number of files that share a transaction.
const expiryBatch = 100

// Timeout is long enough for many protections that end together.
func (*expirer) Timeout(*river.Job[Expiry]) time.Duration { return 10 * time.Minute }

// Work ends all protections whose date has come, batch by batch.
func (e *expirer) Work(ctx context.Context, _ *river.Job[Expiry]) error {
	op := audit.Begin(audit.CommandActor("expiry"), audit.MediaReleased)
	for {
		ended, err := e.options.Store.ExpireProtections(ctx, op, expiryBatch)
		if err != nil || ended < expiryBatch {
			return err
		}
	}
}
