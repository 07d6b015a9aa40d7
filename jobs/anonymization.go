package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"math"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/uptrace/bun"

	"qm-compliance/db"
)

const (
	// anonymizations is a separate queue, so that jobs of hours hold up nothing else.
	anonymizations = "anonymizations"
	// runnersPerJob is how many runners are queued for a job: as many work on it at once at most, on all servers.
	runnersPerJob = 8
	// slice is how long a runner works before it lines up again behind the runners of other jobs.
	slice = 5 * time.Second
	// idle is how long nobody may have worked on a job until it gets more runners, and how often that is looked at.
	idle = 5 * time.Second
	// retryAfter is how long a runner waits after an outage.
	retryAfter = 2 * time.Second
)

// Anonymization is a runner of a job: it works on batch after batch of it. Any number of runners do no harm. It holds
// nothing but the job's id.
type Anonymization struct {
	Job int64 `json:"job"`
}

// Kind names the runner in the queue.
func (Anonymization) Kind() string { return "anonymization" }

// InsertOpts puts the runner into its own queue. Attempts of killed servers count.
func (Anonymization) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: anonymizations, MaxAttempts: math.MaxInt16}
}

// Runners queue what works on jobs.
type Runners struct{ client *river.Client[*sql.Tx] }

// NewRunners makes runners that only queue; the servers work.
func NewRunners(database *bun.DB) (*Runners, error) {
	client, err := river.NewClient(riverdatabasesql.New(database.DB),
		&river.Config{Logger: slog.New(slog.DiscardHandler)})
	return &Runners{client}, err
}

// EnqueueJob queues runners for a job, from a time on, in the transaction that makes them necessary.
func (r *Runners) EnqueueJob(ctx context.Context, tx *sql.Tx, job int64, at time.Time) error {
	_, err := r.client.InsertManyFastTx(ctx, tx, runnersOf(job, at))
	return err
}

func runnersOf(job int64, at time.Time) []river.InsertManyParams {
	params := make([]river.InsertManyParams, runnersPerJob)
	for i := range params {
		opts := Anonymization{}.InsertOpts()
		opts.ScheduledAt = at
		params[i] = river.InsertManyParams{Args: Anonymization{job}, InsertOpts: &opts}
	}
	return params
}

// anonymizer works on jobs.
type anonymizer struct {
	river.WorkerDefaults[Anonymization]
	options Options
}

// Timeout is long enough for a slice and the batch at its end.
func (*anonymizer) Timeout(*river.Job[Anonymization]) time.Duration { return 10 * time.Minute }

// Work works on a job for a slice of time, and lines up again; it ends where nothing is left to do.
func (a *anonymizer) Work(ctx context.Context, queued *river.Job[Anonymization]) error {
	job, end := queued.Args.Job, time.Now().Add(slice)
	for time.Now().Before(end) {
		begun, busy := time.Now(), a.options.Pool.Stat().EmptyAcquireCount()
		worked, err := a.options.Store.WorkOnJob(ctx, job, a.options.jobWorker(ctx, job))
		switch {
		case ctx.Err() != nil:
			return river.JobSnooze(0)
		case err != nil:
			a.options.Logger.WarnContext(ctx, "a job of anonymizing was interrupted", "job", job, "reason", reason(err),
				"again in", retryAfter)
			return river.JobSnooze(retryAfter)
		case !worked:
			return nil
		}
		rest := a.options.rest(time.Since(begun), a.options.Pool.Stat().EmptyAcquireCount() > busy)
		if !pause(ctx, rest) {
			return river.JobSnooze(0)
		}
	}
	return river.JobSnooze(0)
}

// rest is how long a runner leaves the database to others after a batch: so that it works for its share of the time,
// and for half of that where others had to wait for a connection meanwhile.
func (o Options) rest(worked time.Duration, othersWaited bool) time.Duration {
	share := cmp.Or(o.JobShare, DefaultJobShare)
	if othersWaited {
		share /= 2
	}
	return time.Duration(float64(worked) * (1 - share) / share)
}

// DefaultJobShare is the share of its time in which a runner works.
const DefaultJobShare = 0.5

// jobWorker is what the work on a job needs besides the database.
func (o Options) jobWorker(ctx context.Context, job int64) db.JobWorker {
	return db.JobWorker{
		Refused: func(conversation int64, err error) {
			o.Logger.ErrorContext(ctx, "a conversation could not be anonymized", "job", job,
				"conversation", o.GlobalID("Conversation", conversation),
				"reason", cmp.Or(db.Explain(err), "it is not the database's"))
		},
		Stored: o.Stored,
	}
}

func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// tend looks after the jobs until ctx ends: plans expire, grace periods end, and a job whose runners were killed gets
// others. Every server does so.
func tend(ctx context.Context, options Options, client *river.Client[*sql.Tx]) {
	for {
		if err := tendOnce(ctx, options, client); err != nil && ctx.Err() == nil {
			options.Logger.WarnContext(ctx, "the jobs of anonymizing could not be looked after", "reason", reason(err))
		}
		if !pause(ctx, idle) {
			return
		}
	}
}

func tendOnce(ctx context.Context, options Options, client *river.Client[*sql.Tx]) error {
	idling, err := options.Store.TendJobs(ctx, idle)
	if err != nil {
		return err
	}
	for _, job := range idling {
		if _, err := client.InsertManyFast(ctx, runnersOf(job, time.Time{})); err != nil {
			return err
		}
	}
	return nil
}
