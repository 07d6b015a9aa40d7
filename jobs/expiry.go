package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"qm-compliance/db"
)

// Expiry is the job that ends protections whose date has come.
type Expiry struct{}

// Kind names the job in the queue.
func (Expiry) Kind() string { return "expire_protections" }

// expiryJob is one job at a time, however many servers there are. One that a killed server had begun counts as going on until its Timeout, and holds up
// the others for expiryPeriod at most: two at once do no harm.
func expiryJob() (river.JobArgs, *river.InsertOpts) {
	return Expiry{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: expiryPeriod, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// expirer ends protections.
type expirer struct {
	river.WorkerDefaults[Expiry]
	options Options
}

// expiryBatch is how many files share a transaction.
const expiryBatch = 100

// Timeout is long enough for many protections that end together.
func (*expirer) Timeout(*river.Job[Expiry]) time.Duration { return 10 * time.Minute }

// Work ends all protections whose date has come, batch by batch.
func (e *expirer) Work(ctx context.Context, _ *river.Job[Expiry]) error {
	for {
		ended, err := e.options.Store.ExpireProtections(ctx, db.CommandActor("expiry"), expiryBatch)
		if err != nil || ended < expiryBatch {
			return err
		}
	}
}

// reporter tells the operator's log what went wrong with a job. Its error may repeat values of a statement, so that only PostgreSQL's code of it is told.
type reporter struct{ logger *slog.Logger }

// HandleError reports an error; the job goes on by its own rules.
func (r reporter) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	r.logger.ErrorContext(ctx, "a background job failed", "job", job.Kind, "sqlstate", db.RefusalCode(err))
	return nil
}

// HandlePanic reports a panic.
func (r reporter) HandlePanic(ctx context.Context, job *rivertype.JobRow, _ any, trace string) *river.ErrorHandlerResult {
	r.logger.ErrorContext(ctx, "a background job panicked", "job", job.Kind, "trace", trace)
	return nil
}
