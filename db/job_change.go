package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// maxGrace is how far ahead a job can be started.
const maxGrace = 30 * 24 * time.Hour

// JobStart is a request to start a job.
type JobStart struct {
	// At is when it is to run; nil or a time that has passed means at once.
	At *time.Time
	// Meant is the version of the settings that the caller expects; nil for whichever the job has.
	Meant *int
}

// StartJob starts a planned job at a time, or at once; until it begins to run it can be started for another time. It is
// a CONFLICT where the job is not planned, its plan has expired, or other settings than those of the job are in force:
// what cannot be undone must not be done under a selection that is out of date. The job is returned with a
// compliance.Error too, as it is; it is nil where there is none that the requester may see, which is NOT_FOUND.
func (s *Store) StartJob(ctx context.Context, by Requester, id int64, start JobStart) (*Job, error) {
	return s.changeJob(ctx, by, id, conversation.JobStart, func(ctx context.Context, tx transaction, job *Job) error {
		now := s.now().Truncate(time.Microsecond)
		if err := s.checkStart(ctx, tx, job, start, now); err != nil {
			return err
		}
		at := now
		if start.At != nil && start.At.After(now) {
			at = start.At.UTC().Truncate(time.Microsecond)
		}
		job.StartedBy, job.StartedByName, job.StartsAt = by.ID, by.Name, &at
		job.StartedClient, job.StartedTokenAt = s.client(by), by.tokenAt()
		if !at.After(now) {
			s.begin(job, now)
		}
		return s.enqueueJob(ctx, tx, job.ID, at)
	})
}

func (s *Store) checkStart(ctx context.Context, tx transaction, job *Job, start JobStart, now time.Time) error {
	if start.At != nil && start.At.After(now.Add(maxGrace)) {
		return compliance.Invalid("startAt is more than 30 days ahead", "startAt")
	}
	if job.StartsAt == nil && !job.ExpiresAt.After(now) {
		return compliance.Conflict("the plan has expired; make a new one", "jobId")
	}
	settings, err := latestSettings(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case settings.Version != job.SettingsVersion:
		return compliance.Conflict(fmt.Sprintf(
			"version %d of the settings is in force, and the job was planned under version %d; make a new plan",
			settings.Version, job.SettingsVersion), "settingsVersion")
	case start.Meant != nil && *start.Meant != job.SettingsVersion:
		return compliance.Conflict(fmt.Sprintf(
			"the job was planned under version %d of the settings, not version %d; review its preview before you start it",
			job.SettingsVersion, *start.Meant), "settingsVersion")
	}
	return nil
}

// begin makes a job run that is planned.
func (s *Store) begin(job *Job, now time.Time) {
	job.State, job.StartedAt, job.PhaseAt, job.PhaseFrom, job.ProgressAt = conversation.JobRunning, &now, now, 0, now
}

// PauseJob pauses a running job: what is being anonymized at the moment is taken back. The errors are those of StartJob.
func (s *Store) PauseJob(ctx context.Context, by Requester, id int64) (*Job, error) {
	return s.changeJob(ctx, by, id, conversation.JobPause, func(_ context.Context, _ transaction, job *Job) error {
		now := s.now().Truncate(time.Microsecond)
		job.PausedBy, job.PausedByName, job.PausedAt = by.ID, by.Name, &now
		return nil
	})
}

// ResumeJob continues a paused job. The errors are those of StartJob.
func (s *Store) ResumeJob(ctx context.Context, by Requester, id int64) (*Job, error) {
	return s.changeJob(ctx, by, id, conversation.JobResume, func(ctx context.Context, tx transaction, job *Job) error {
		job.PausedBy, job.PausedByName, job.PausedAt = "", "", nil
		job.PhaseAt, job.PhaseFrom = s.now().Truncate(time.Microsecond), job.Dealt()
		return s.enqueueJob(ctx, tx, job.ID, time.Time{})
	})
}

// CancelJob ends a job. What it has done stays done; once CancelJob has returned it does no more. The errors
// are those of StartJob.
func (s *Store) CancelJob(ctx context.Context, by Requester, id int64) (*Job, error) {
	return s.changeJob(ctx, by, id, conversation.JobCancel, func(ctx context.Context, tx transaction, job *Job) error {
		job.CancelledBy, job.CancelledByName = by.ID, by.Name
		return s.enqueueJob(ctx, tx, job.ID, time.Time{}) // verifies what was done
	})
}

// changeJob does with a job what a person asks for, where its state allows it.
func (s *Store) changeJob(
	ctx context.Context, by Requester, id int64, action conversation.JobAction,
	change func(context.Context, transaction, *Job) error,
) (job *Job, err error) {
	err = s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		job, err = readJob(ctx, tx.NewSelect().Apply(by.Access.visible).For("UPDATE"), id)
		if err != nil {
			return err
		}
		if job == nil || by.Access.none() {
			job = nil
			return compliance.NotFound("there is no job with this id that you may see", "jobId")
		}
		next, allowed := job.State.After(action)
		if !allowed {
			return compliance.Conflict(fmt.Sprintf("the job is %s; you cannot %s it", job.State, action), "jobId")
		}
		after := *job
		after.State = next
		if err := change(ctx, tx, &after); err != nil {
			return err
		}
		if after.State.Ended() {
			now := s.now().Truncate(time.Microsecond)
			after.EndedAt = &now
		}
		after.ProgressAt = s.now()
		if _, err := tx.NewUpdate().Model(&after).WherePK().Exec(ctx); err != nil {
			return err
		}
		job = &after
		return notifyJob(ctx, tx, id)
	})
	if err != nil && compliance.UserErrors(err) == nil {
		return nil, err
	}
	return job, err
}

// beginDue makes the jobs run whose time has come, and returns them; those with one id, or all where it is 0.
func (s *Store) beginDue(ctx context.Context, id int64) (begun []int64, err error) {
	now := s.now().Truncate(time.Microsecond)
	const update = `
UPDATE anonymization_jobs SET state = ?0, started_at = ?1, phase_at = ?1, phase_from = 0, progress_at = ?1
 WHERE state = 'PLANNED' AND starts_at <= ?1 AND (?2 = 0 OR id = ?2) RETURNING id`
	err = s.moveAll(ctx, &begun, update, conversation.JobRunning, now, id)
	return begun, err
}

// moveAll runs an update of the states of jobs that returns their ids, and notifies listeners.
func (s *Store) moveAll(ctx context.Context, moved *[]int64, update string, arguments ...any) error {
	return s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		*moved = nil
		if err := tx.NewRaw(update, arguments...).Scan(ctx, moved); err != nil {
			return err
		}
		for _, id := range *moved {
			if err := notifyJob(ctx, tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// deletedEvery is how often the files of a job are looked for that have been deleted.
const deletedEvery = 10 * time.Minute

// TendJobs does what no person has to ask for: it makes the jobs run whose time has come, lets plans expire that nobody
// started, and returns the jobs on which there is work and on which nobody has worked for a while, since a server was
// killed, or never began. Each of these is returned once in that time.
func (s *Store) TendJobs(ctx context.Context, idle time.Duration) (idling []int64, err error) {
	now := s.now().Truncate(time.Microsecond)
	const expire = `
UPDATE anonymization_jobs SET state = ?, ended_at = ? WHERE state = 'PLANNED' AND starts_at IS NULL AND expires_at <= ?
RETURNING id`
	var expired []int64
	if err := s.moveAll(ctx, &expired, expire, conversation.JobExpired, now, now); err != nil {
		return nil, err
	}
	begun, err := s.beginDue(ctx, 0)
	if err != nil {
		return nil, err
	}
	const touch = `
UPDATE anonymization_jobs AS j SET progress_at = ?0 WHERE progress_at <= ?1
   AND (state IN ('PLANNING', 'RUNNING') OR ended_at IS NOT NULL AND verified_at IS NULL AND started_at IS NOT NULL
        OR verified_at IS NOT NULL AND progress_at <= ?2 AND EXISTS (SELECT FROM anonymization_job_files AS jf
           JOIN media_files AS f ON f.id = jf.file_id WHERE jf.job_id = j.id AND f.status = 'DELETED'))
RETURNING id`
	if err := s.db.NewRaw(touch, now, now.Add(-idle), now.Add(-deletedEvery)).Scan(ctx, &idling); err != nil {
		return nil, err
	}
	for _, id := range begun {
		if !slices.Contains(idling, id) {
			idling = append(idling, id)
		}
	}
	return idling, nil
}

// Withdraw fails the jobs that a person has planned or started and may no longer answer for, as a newer token of the
// same client says: without the role to anonymize (mayAnonymize), or with an access that no longer covers a job. The
// runners then stop before their next batch.
func (s *Store) Withdraw(ctx context.Context, by Requester, mayAnonymize bool) error {
	if by.TokenAt.IsZero() {
		return nil // it does not say whether it is newer
	}
	var jobs []*Job
	client := s.client(by)
	const theirs = `state IN ('PLANNING', 'PLANNED', 'RUNNING', 'PAUSED') AND (
		planned_by = ?0 AND planned_client = ?1 AND planned_token_at < ?2
		OR started_by = ?0 AND started_client = ?1 AND started_token_at < ?2)`
	if err := s.db.NewSelect().Model(&jobs).Where(theirs, by.ID, client, by.TokenAt).Scan(ctx); err != nil {
		return err
	}
	for _, job := range jobs {
		failure := conversation.RoleWithdrawn
		switch {
		case mayAnonymize && by.Access.Covers(job.Access()):
			continue
		case mayAnonymize:
			failure = conversation.ScopeWithdrawn
		}
		const fail = `
UPDATE anonymization_jobs SET state = ?, failure = ?, ended_at = ? WHERE id = ?
   AND state IN ('PLANNING', 'PLANNED', 'RUNNING', 'PAUSED') RETURNING id`
		var failed []int64
		if err := s.moveAll(ctx, &failed, fail, conversation.JobFailed, failure, s.now(), job.ID); err != nil {
			return err
		}
	}
	return nil
}
