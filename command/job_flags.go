package command

import (
	"errors"
	"time"

	"qm-compliance/db"
)

// jobFlags bound jobs, and say how much of the work on them is done here.
type jobFlags struct {
	JobRunners       int           `help:"How many batches of jobs are worked on at once here; 0 leaves jobs to other servers." default:"2" env:"QM_JOB_RUNNERS"`
	JobShare         float64       `help:"The share of its time in which a runner works; it rests for the remainder." default:"0.5" env:"QM_JOB_SHARE"`
	JobConversations int           `help:"The most conversations that a job may contain." default:"10000000" env:"QM_JOB_CONVERSATIONS"`
	JobBatch         int           `help:"How many conversations of a job share a transaction." default:"200" env:"QM_JOB_BATCH"`
	JobExpiry        time.Duration `help:"How long a plan waits for its start." default:"168h" env:"QM_JOB_EXPIRY"`
}

func (f jobFlags) checkJobs() error {
	switch {
	case f.JobShare <= 0 || f.JobShare > 1:
		return errors.New("--job-share must be above 0 and at most 1, such as 0.5")
	case f.JobRunners < 0:
		return errors.New("--job-runners must not be negative")
	case f.JobBatch < 1 || f.JobBatch > 10_000:
		return errors.New("--job-batch must be from 1 to 10000")
	case f.JobConversations < 1:
		return errors.New("--job-conversations must be positive")
	case f.JobExpiry <= 0:
		return errors.New("--job-expiry must be positive, such as 168h")
	}
	return nil
}

func (f jobFlags) jobLimits() db.JobLimits {
	return db.JobLimits{Conversations: f.JobConversations, Batch: f.JobBatch, Expiry: f.JobExpiry}
}
