package db

import (
	"context"
	"time"
)

// State is what monitoring watches of the database. The ages are zero where there is nothing.
type State struct {
	// Outbox is the number of requests that the Interaction service has not taken, OutboxFailing of those that were
	// tried in vain, OutboxAge how long the oldest has waited.
	Outbox, OutboxFailing int
	OutboxAge             time.Duration
	// Planned is the number of media files that are planned for deletion, PlannedFailing of those that the Delete
	// tool could not delete, PlannedAge how long ago the first was planned.
	Planned, PlannedFailing int
	PlannedAge              time.Duration
	// LooseDue is the number of files that belong to no conversation and should be gone.
	LooseDue int
	// Jobs are the numbers of anonymization jobs that have not ended: being counted, running, paused. JobsLeft is the
	// number of conversations that running ones have not dealt with, JobsIdle how long the running one that was last
	// touched longest ago has waited.
	JobsPlanning, JobsRunning, JobsPaused, JobsLeft int
	JobsIdle                                        time.Duration
	// Bytes is the size of the database, AuditEvents about how many events the audit log has, as the planner's
	// statistics know.
	Bytes, AuditEvents int64
	// AuditedAt is the time of the newest event, zero where there is none.
	AuditedAt time.Time
}

// State reads what monitoring watches, over the probe's own connection. The counts read what is outstanding, by its index.
func (p *Probe) State(ctx context.Context) (State, error) {
	const query = `
SELECT outbox.count, outbox.failing, outbox.age, planned.count, planned.failing, planned.age,
       jobs.planning, jobs.running, jobs.paused, jobs.remaining, jobs.idle,
       (SELECT count(*) FROM loose_media WHERE remove_after < now()),
       pg_database_size(current_database()),
       (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'audit_events'::regclass),
       (SELECT max(occurred_at) FROM audit_events)
  FROM (SELECT count(*), count(*) FILTER (WHERE attempts > 0) AS failing,
               coalesce(extract(epoch FROM now() - min(requested_at)), 0)::float8 AS age
          FROM media_deletion_requests WHERE delivered_at IS NULL) AS outbox,
       (SELECT count(*), count(*) FILTER (WHERE failure <> '') AS failing,
               coalesce(extract(epoch FROM now() - min(planned_at)), 0)::float8 AS age
          FROM media_files WHERE status = 'PLANNED_FOR_DELETION') AS planned,
       (SELECT count(*) FILTER (WHERE state = 'PLANNING') AS planning,
               count(*) FILTER (WHERE state = 'RUNNING') AS running, count(*) FILTER (WHERE state = 'PAUSED') AS paused,
               coalesce(sum(conversations - done - unchanged - left_out - failed) FILTER (WHERE state = 'RUNNING'), 0)
                   AS remaining,
               coalesce(extract(epoch FROM now() - min(progress_at) FILTER (WHERE state = 'RUNNING')), 0)::float8 AS idle
          FROM anonymization_jobs WHERE state IN ('PLANNING', 'PLANNED', 'RUNNING', 'PAUSED')) AS jobs`
	var state State
	var outboxAge, plannedAge, jobsIdle float64
	var audited *time.Time
	err := p.own.QueryRow(ctx, query).Scan(
		&state.Outbox, &state.OutboxFailing, &outboxAge, &state.Planned, &state.PlannedFailing, &plannedAge,
		&state.JobsPlanning, &state.JobsRunning, &state.JobsPaused, &state.JobsLeft, &jobsIdle,
		&state.LooseDue, &state.Bytes, &state.AuditEvents, &audited)
	state.OutboxAge, state.PlannedAge = seconds(outboxAge), seconds(plannedAge)
	state.JobsIdle = seconds(jobsIdle)
	if audited != nil {
		state.AuditedAt = *audited
	}
	return state, err
}

// seconds is a duration. The clocks of the database and of a server may differ, so that something may have been
// planned in the future.
func seconds(count float64) time.Duration { return time.Duration(max(0, count) * float64(time.Second)) }
