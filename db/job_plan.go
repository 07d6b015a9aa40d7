package db

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/notify"
)

// Runners queue the work on jobs, in the transaction that makes it necessary.
type Runners interface {
	// EnqueueJob queues what counts or runs a job, from a time on; the zero time is at once.
	EnqueueJob(ctx context.Context, tx *sql.Tx, job int64, at time.Time) error
}

// WithRunners returns a store that hands jobs to runners. A store without runners leaves a job to the caller of RunJob.
func (s *Store) WithRunners(runners Runners) *Store {
	with := *s
	with.runners = runners
	return &with
}

// Requester is a person who plans, starts, pauses or cancels a job, or a command.
type Requester struct {
	audit.Actor
	Access Access
	// Client is who asked for the person's token, and TokenAt when it was issued; empty and zero for a command.
	Client  string
	TokenAt time.Time
}

func (r Requester) tokenAt() *time.Time {
	if r.TokenAt.IsZero() {
		return nil
	}
	return &r.TokenAt
}

// client stands for the client of a token, by a keyed hash.
func (s *Store) client(r Requester) string {
	if r.TokenAt.IsZero() {
		return ""
	}
	return s.hash()("client:" + r.Client)
}

// JobSet says which conversations a job is to contain: those of a filter, or those of ids.
type JobSet struct {
	Filter *Filter
	IDs    []int64
}

// JobLimits bound plans.
type JobLimits struct {
	// Conversations is how many a job may contain, Batch how many share a transaction, and Expiry how long a plan waits
	// for its start. Zero stands for ten million, 200, and a week.
	Conversations, Batch int
	Expiry               time.Duration
}

func (l JobLimits) withDefaults() JobLimits {
	if l.Conversations <= 0 {
		l.Conversations = 10_000_000
	}
	if l.Batch <= 0 {
		l.Batch = 200
	}
	if l.Expiry <= 0 {
		l.Expiry = 7 * 24 * time.Hour
	}
	return l
}

// WithJobLimits returns a store with other limits for jobs.
func (s *Store) WithJobLimits(limits JobLimits) *Store {
	with := *s
	with.jobLimits = limits
	return &with
}

// PlanJob makes a job of the conversations that the set names and the requester sees now. The set and the version of
// the settings are fixed from then on; what the job would do is counted in the background. Missing are the ids of the
// set that lead to nothing that the requester sees. A wrong filter is a compliance.Errors; a set that is empty or too
// large is a compliance.Error with the code INVALID; with nothing switched on it is NOTHING_SELECTED. The filter itself
// is not stored.
func (s *Store) PlanJob(ctx context.Context, by Requester, set JobSet) (job *Job, missing []int64, err error) {
	limits := s.jobLimits.withDefaults()
	err = s.inTx(ctx, func(ctx context.Context, tx transaction) error {
		// A set of millions takes longer than a statement of a request may; ctx ends it.
		if _, err := tx.ExecContext(ctx, "SELECT set_config('statement_timeout', '0', true)"); err != nil {
			return err
		}
		settings, err := latestSettings(ctx, tx)
		if err != nil {
			return err
		}
		if settings.selection().Empty() {
			return compliance.ErrNothingSelected()
		}
		if missing, err = missingOf(ctx, tx, by.Access, set.IDs); err != nil {
			return err
		}
		members, err := s.members(ctx, tx, by.Access, set)
		if err != nil {
			return err
		}
		job = s.newJob(by, settings.Version, set, limits)
		if _, err := tx.NewInsert().Model(job).Exec(ctx); err != nil {
			return err
		}
		if err := s.fix(ctx, tx, job, members, limits); err != nil {
			return err
		}
		if err := s.enqueueJob(ctx, tx, job.ID, time.Time{}); err != nil {
			return err
		}
		return notifyJob(ctx, tx, job.ID)
	})
	if err != nil {
		return nil, nil, err
	}
	return job, missing, nil
}

func (s *Store) newJob(by Requester, version int, set JobSet, limits JobLimits) *Job {
	now := s.now().Truncate(time.Microsecond)
	job := &Job{
		State: conversation.JobPlanning, SettingsVersion: version, AccessAll: by.Access.All,
		AccessPrincipals: append([]string{}, by.Access.Principals...), OperationID: audit.NewID(),
		PlannedBy: by.ID, PlannedByName: by.Name, PlannedAt: now, PlannedClient: s.client(by),
		PlannedTokenAt: by.tokenAt(), ExpiresAt: now.Add(limits.Expiry), PhaseAt: now, ProgressAt: now,
	}
	if set.Filter != nil {
		job.Criteria = set.Filter.criteria()
	}
	return job
}

// members selects the conversations of a set (id, revision) that the access covers.
func (s *Store) members(ctx context.Context, tx transaction, access Access, set JobSet) (*statement, error) {
	if set.Filter != nil {
		prepared, err := set.Filter.prepare(ctx, tx)
		return matching(access, prepared), belowFilter(err)
	}
	ids := &statement{}
	ids.write("FROM conversations AS conversation")
	access.write(ids)
	ids.and(`conversation.id IN (SELECT coalesce(m.conversation_id, i.id) FROM unnest(?::bigint[]) AS i (id)
		LEFT JOIN conversation_merges AS m ON m.merged_id = i.id)`, set.IDs)
	return ids, nil
}

// missingOf returns the ids that lead to nothing that the access covers, in the order given.
func missingOf(ctx context.Context, tx transaction, access Access, ids []int64) (missing []int64, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	const query = `
SELECT i.id FROM unnest($1::bigint[]) WITH ORDINALITY AS i (id, place)
  LEFT JOIN conversation_merges AS m ON m.merged_id = i.id
 WHERE NOT EXISTS (SELECT FROM conversations AS c WHERE c.id = coalesce(m.conversation_id, i.id) AND ($2 OR EXISTS (
       SELECT FROM conversation_principals AS cp WHERE cp.conversation_id = c.id AND cp.principal = ANY ($3))))
 ORDER BY i.place`
	batch := new(pgx.Batch)
	batch.Queue(query, ids, access.All, append([]string{}, access.Principals...)).Query(func(rows pgx.Rows) error {
		missing, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	return missing, tx.send(ctx, batch, nil)
}

// fix writes down which conversations a job contains, all of one snapshot, in batches in the order of their ids.
func (s *Store) fix(
	ctx context.Context, tx transaction, job *Job, members *statement, limits JobLimits,
) error {
	insert := &statement{}
	insert.append(members)
	text := fmt.Sprintf(`
INSERT INTO anonymization_job_conversations (job_id, batch, conversation_id, revision)
SELECT %d, (row_number() OVER (ORDER BY m.id) - 1) / %d, m.id, m.revision
  FROM (SELECT conversation.id, conversation.revision %s LIMIT %d) AS m ORDER BY m.id`,
		job.ID, limits.Batch, insert.text.String(), limits.Conversations+1)
	err := tx.conn.Raw(func(driver any) error {
		native, is := driver.(interface{ Conn() *pgx.Conn })
		if !is {
			return errNotPgx()
		}
		tag, err := native.Conn().Exec(ctx, text, insert.arguments...)
		job.Conversations = int(tag.RowsAffected())
		return err
	})
	switch {
	case err != nil:
		return err
	case job.Conversations == 0:
		return compliance.Invalid("no conversation matches; change the filter")
	case job.Conversations > limits.Conversations:
		return compliance.Invalid(fmt.Sprintf(
			"more than %d conversations match; narrow the filter, such as by time", limits.Conversations))
	}
	const batches = `INSERT INTO anonymization_job_batches (job_id, number, state)
		SELECT ?, n, 'OPEN' FROM generate_series(0, ?) AS n`
	if _, err := tx.NewRaw(batches, job.ID, (job.Conversations-1)/limits.Batch).Exec(ctx); err != nil {
		return err
	}
	_, err = tx.NewUpdate().Model(job).Column("conversations").WherePK().Exec(ctx)
	return err
}

func (s *Store) enqueueJob(ctx context.Context, tx transaction, job int64, at time.Time) error {
	if s.runners == nil {
		return nil
	}
	return s.runners.EnqueueJob(ctx, tx.Tx.Tx, job, at)
}

// notifyJob notifies all listeners, once the transaction commits, that a job changed.
func notifyJob(ctx context.Context, tx bun.IDB, id int64) error {
	_, err := tx.NewRaw("SELECT pg_notify(?, ?::text)", notify.JobChannel, id).Exec(ctx)
	return err
}

// belowFilter puts the fields of a filter's errors below filter.
func belowFilter(err error) error {
	wrong := compliance.UserErrors(err)
	for i, one := range wrong {
		below := *one
		below.Field = append([]string{"filter"}, one.Field...)
		wrong[i] = &below
	}
	if wrong == nil {
		return err
	}
	return wrong
}
