package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// errJobStopped rolls back the work on a job that is no longer in the state that asks for it.
var errJobStopped = errors.New("the job was stopped")

// The states of a batch.
const (
	batchOpen    = "OPEN"
	batchCounted = "COUNTED"
	batchDone    = "DONE"
	batchChecked = "CHECKED"
)

// JobWorker is what the work on a job needs besides the database.
type JobWorker struct {
	// Refused is called with each conversation that could not be anonymized, and why; it may be nil.
	Refused func(conversationID int64, err error)
	// Stored reports whether the file store has a file; nil where there is no file store.
	Stored func(ctx context.Context, key string) (bool, error)
}

// WorkOnJob does the next part of the work on a job: it counts a batch of its plan, anonymizes one, or, when the job has
// ended, reads one again to verify it. It reports
// whether there was something to do. Whatever it does is one transaction, and any number of callers on any number of
// servers may work on a job at once: none does what another one does. A batch that the database refuses is tried again
// conversation by conversation; those that are refused alone are left as they are. An outage is an error, after which nothing is lost: the work can be tried again.
func (s *Store) WorkOnJob(ctx context.Context, id int64, with JobWorker) (worked bool, err error) {
	job, err := readJob(ctx, s.db.NewSelect(), id)
	if job == nil || err != nil {
		return false, err
	}
	switch job.State {
	case conversation.JobPlanning:
		return s.countBatch(ctx, job)
	case conversation.JobPlanned:
		begun, err := s.beginDue(ctx, job.ID)
		return len(begun) > 0, err
	case conversation.JobRunning:
		return s.runBatch(ctx, job, with.Refused)
	}
	switch {
	case !job.State.Ended() || job.StartedAt == nil:
		return false, nil
	case job.VerifiedAt == nil:
		return s.verifyBatch(ctx, job)
	}
	return s.verifyDeleted(ctx, job, with)
}

// claim locks the next batch of a job that nobody works on. It finds none where the job is not in the state that asks
// for the work any more.
func claim(
	ctx context.Context, tx transaction, job *Job, state string, during conversation.JobState,
) (number int, found bool, err error) {
	const query = `
SELECT b.number FROM anonymization_job_batches AS b
 WHERE b.job_id = ? AND b.state = ? AND EXISTS (SELECT FROM anonymization_jobs AS j WHERE j.id = b.job_id AND j.state = ?)
 ORDER BY b.number LIMIT 1 FOR UPDATE SKIP LOCKED`
	err = tx.NewRaw(query, job.ID, state, during).Scan(ctx, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return number, err == nil, err
}

// jobRow is a conversation of a job.
type jobRow struct {
	ConversationID int64
	Revision       int
	Kept           int64
}

// jobRows reads up to limit open conversations of a batch, which is locked.
func jobRows(ctx context.Context, tx transaction, job *Job, number, limit int) (rows []*jobRow, err error) {
	const query = `
SELECT conversation_id, revision, kept FROM anonymization_job_conversations
 WHERE job_id = ? AND batch = ? AND state = 'OPEN' ORDER BY conversation_id LIMIT ?`
	err = tx.NewRaw(query, job.ID, number, limit).Scan(ctx, &rows)
	return rows, err
}

// jobPlan is what a job makes of some of its conversations, as they are now.
type jobPlan struct {
	conversation.Plan
	vcons vconNames
	// kept is what stays of each, and counted what a plan that is made now notes of it.
	kept    map[int64]compliance.Kept
	counted map[int64]conversation.Counted
	// problems are the conversations that are no longer there.
	problems map[int64]conversation.Problem
}

// planRows looks at conversations of a job with the access that it has, and plans what it makes of them. Those that
// joined another conversation are none of the job any more: what they joined may be out of the set.
func planRows(
	ctx context.Context, tx transaction, job *Job, wanted conversation.Anonymizing, rows []*jobRow, lock rowLock,
) (jobPlan, error) {
	plan := jobPlan{
		vcons: vconNames{}, kept: map[int64]compliance.Kept{}, counted: map[int64]conversation.Counted{},
		problems: map[int64]conversation.Problem{},
	}
	ids := each(rows, func(r *jobRow) int64 { return r.ConversationID })
	values, kept, revisions := conversation.Overwritten{}, keptValues{}, map[int64]int{}
	batch, err := findConversations(ctx, tx, job.Access(), ids, lock, func(batch *pgx.Batch, ids []int64) {
		countValues(batch, wanted.Selection, ids, true, values)
		countKept(batch, wanted.Selection, ids, kept)
		readRevisions(batch, ids, revisions)
		plan.vcons.read(batch, ids)
	})
	if err != nil {
		return plan, err
	}
	own := map[int64]bool{}
	for _, id := range ids {
		switch batch.current[id] {
		case id:
			own[id] = true
		case 0:
			plan.problems[id] = conversation.ProblemNotFound
		default:
			plan.problems[id] = conversation.ProblemMerged
		}
	}
	var there []*conversation.Conversation
	for _, c := range batch.rows {
		if own[c.ID] {
			there = append(there, c)
		}
	}
	plan.Plan = wanted.Plan(there, values)
	for _, c := range plan.Conversations {
		id := c.Before.ID
		plan.kept[id] = c.Kept(kept[id])
		plan.counted[id] = conversation.Counted{Revision: revisions[id], Kept: plan.kept[id].Fingerprint()}
	}
	return plan, nil
}

func readRevisions(batch *pgx.Batch, ids []int64, revisions map[int64]int) {
	batch.Queue("SELECT id, revision FROM conversations WHERE id = ANY ($1)", ids).Query(func(rows pgx.Rows) error {
		var id int64
		var revision int
		_, err := pgx.ForEachRow(rows, []any{&id, &revision}, func() error {
			revisions[id] = revision
			return nil
		})
		return err
	})
}

// tally adds up a plan, with what stays.
func (p jobPlan) tally() JobTally {
	outcomes := make([]compliance.Outcome, 0, len(p.Conversations))
	for _, c := range p.Conversations {
		outcomes = append(outcomes, c.Outcome)
	}
	return JobTally{Tally: compliance.TallyOf(outcomes), Kept: keptIn(p.kept), Gone: len(p.problems)}
}

// anonymizing is what a job does, under the version of the settings of its plan.
func (s *Store) anonymizing(ctx context.Context, tx transaction, job *Job) (conversation.Anonymizing, error) {
	selection, err := selectionOf(ctx, tx, job.SettingsVersion)
	if err != nil || selection == nil {
		return conversation.Anonymizing{}, errors.Join(err, missingVersion(selection, job.SettingsVersion))
	}
	return conversation.Anonymizing{Selection: *selection, Version: job.SettingsVersion, At: s.now()}, nil
}

func missingVersion(selection *compliance.Selection, version int) error {
	if selection == nil {
		return fmt.Errorf("there is no version %d of the settings", version)
	}
	return nil
}

// countBatch counts what the job would do to the next batch, and what would stay.
func (s *Store) countBatch(ctx context.Context, job *Job) (worked bool, err error) {
	err = s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		number, found, err := claim(ctx, tx, job, batchOpen, conversation.JobPlanning)
		if worked = found; err != nil {
			return err
		}
		if !found {
			return s.finishPlan(ctx, tx, job)
		}
		rows, err := jobRows(ctx, tx, job, number, maxBatch)
		if err != nil {
			return err
		}
		wanted, err := s.anonymizing(ctx, tx, job)
		if err != nil {
			return err
		}
		plan, err := planRows(ctx, tx, job, wanted, rows, unlocked)
		if err != nil {
			return err
		}
		batch := new(pgx.Batch)
		noteCounted(batch, job, number, rows, plan)
		setBatch(batch, job, number, batchCounted)
		const add = `
UPDATE anonymization_jobs SET counted = counted + $2, progress_at = $3 WHERE id = $1 AND state = 'PLANNING'`
		stillIn(batch.Queue(add, job.ID, len(rows), s.now()))
		addCounts(batch, job.ID, PhasePlan, plan.tally())
		if err := tx.send(ctx, batch, nil); err != nil {
			return err
		}
		return notifyJob(ctx, tx, job.ID)
	})
	if errors.Is(err, errJobStopped) {
		return true, nil
	}
	return worked, err
}

// maxBatch is more than any batch holds.
const maxBatch = 100_000

// stillIn fails where a statement finds the job no longer in the state that it asks for, so that what has been done
// meanwhile is taken back.
func stillIn(query *pgx.QueuedQuery) {
	query.Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 0 {
			return errJobStopped
		}
		return nil
	})
}

func setBatch(batch *pgx.Batch, job *Job, number int, state string) {
	batch.Queue("UPDATE anonymization_job_batches SET state = $3 WHERE job_id = $1 AND number = $2",
		job.ID, number, state)
}

// noteCounted notes at which versions conversations were counted, and what was to stay of each.
func noteCounted(batch *pgx.Batch, job *Job, number int, rows []*jobRow, plan jobPlan) {
	const update = `
UPDATE anonymization_job_conversations AS jc SET revision = v.revision, kept = v.kept
  FROM unnest($3::bigint[], $4::integer[], $5::bigint[]) AS v (id, revision, kept)
 WHERE jc.job_id = $1 AND jc.batch = $2 AND jc.conversation_id = v.id`
	batch.Queue(update, job.ID, number,
		each(rows, func(r *jobRow) int64 { return r.ConversationID }),
		each(rows, func(r *jobRow) int {
			if counted, found := plan.counted[r.ConversationID]; found {
				return counted.Revision
			}
			return r.Revision
		}),
		each(rows, func(r *jobRow) int64 { return plan.counted[r.ConversationID].Kept }))
}

// finishPlan ends the plan where every batch is counted. Where another caller counts one, that one does it.
func (s *Store) finishPlan(ctx context.Context, tx transaction, job *Job) error {
	const update = `
UPDATE anonymization_jobs SET state = ?, progress_at = ? WHERE id = ? AND state = 'PLANNING' AND NOT EXISTS (
       SELECT FROM anonymization_job_batches AS b WHERE b.job_id = anonymization_jobs.id AND b.state = 'OPEN')`
	return s.move(ctx, tx, job.ID, update, conversation.JobPlanned, s.now(), job.ID)
}

// move runs an update of the state of a job, and notifies listeners where it finds one.
func (s *Store) move(ctx context.Context, tx transaction, id int64, update string, arguments ...any) error {
	moved, err := tx.NewRaw(update, arguments...).Exec(ctx)
	if err != nil {
		return err
	}
	if count, err := moved.RowsAffected(); err != nil || count == 0 {
		return err
	}
	return notifyJob(ctx, tx, id)
}
