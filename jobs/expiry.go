package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"qm-compliance/db"
)

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
	for {
		ended, err := e.options.Store.ExpireProtections(ctx, db.CommandActor("expiry"), expiryBatch)
		if err != nil || ended < expiryBatch {
			return err
		}
	}
}
