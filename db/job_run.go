package db

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// runBatch anonymizes the conversations of the next batch, with its events and requests, all in one transaction. Where
// the database refuses that, it tries each conversation alone.
func (s *Store) runBatch(
	ctx context.Context, job *Job, refused func(conversationID int64, err error),
) (worked bool, err error) {
	number := 0
	err = s.retrying(ctx, func(ctx context.Context, tx transaction) (err error) {
		if number, worked, err = claim(ctx, tx, job, batchCounted, conversation.JobRunning); err != nil {
			return err
		}
		if !worked {
			return s.finishJob(ctx, tx, job)
		}
		rows, err := jobRows(ctx, tx, job, number, maxBatch)
		if err != nil {
			return err
		}
		return s.dealWith(ctx, tx, job, number, rows)
	})
	if err == nil && !worked {
		return s.hasEnded(ctx, job.ID)
	}
	if !worked || !isRefused(ctx, err) {
		return worked, unlessStopped(err)
	}
	return true, unlessStopped(s.runAlone(ctx, job, number, refused))
}

// hasEnded reports whether a job has come to its end, after which it is verified.
func (s *Store) hasEnded(ctx context.Context, id int64) (bool, error) {
	job, err := readJob(ctx, s.db.NewSelect(), id)
	return job != nil && job.State.Ended(), err
}

func unlessStopped(err error) error {
	if errors.Is(err, errJobStopped) {
		return nil
	}
	return err
}

// isRefused reports whether an error is about what was to be stored, so that trying again is of no use. An outage, or
// the end of the caller's context, is about something else.
func isRefused(ctx context.Context, err error) bool {
	return err != nil && !errors.Is(err, errJobStopped) && ctx.Err() == nil && Unavailable(err) == Available
}

// runAlone anonymizes the conversations of a batch one by one, and gives up those that are refused.
func (s *Store) runAlone(
	ctx context.Context, job *Job, number int, refused func(conversationID int64, err error),
) error {
	for {
		var one []*jobRow
		err := s.retrying(ctx, func(ctx context.Context, tx transaction) (err error) {
			if one, err = s.nextAlone(ctx, tx, job, number); err != nil || len(one) == 0 {
				return err
			}
			return s.dealWith(ctx, tx, job, number, one)
		})
		if len(one) == 0 {
			return err
		}
		if !isRefused(ctx, err) {
			if err != nil {
				return err
			}
			continue
		}
		if refused != nil {
			refused(one[0].ConversationID, err)
		}
		if err := s.giveUp(ctx, job, number, one[0]); err != nil {
			return err
		}
	}
}

// nextAlone locks a batch, and returns the first of its conversations that are left.
func (s *Store) nextAlone(ctx context.Context, tx transaction, job *Job, number int) ([]*jobRow, error) {
	const lock = "SELECT FROM anonymization_job_batches WHERE job_id = ? AND number = ? FOR UPDATE"
	if _, err := tx.NewRaw(lock, job.ID, number).Exec(ctx); err != nil {
		return nil, err
	}
	return jobRows(ctx, tx, job, number, 1)
}

// giveUp notes that a conversation could not be anonymized.
func (s *Store) giveUp(ctx context.Context, job *Job, number int, row *jobRow) error {
	return s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		if one, err := s.nextAlone(ctx, tx, job, number); err != nil || len(one) == 0 || *one[0] != *row {
			return err
		}
		problems := map[int64]conversation.Problem{row.ConversationID: conversation.ProblemFailed}
		batch := new(pgx.Batch)
		s.settle(batch, job, number, []*jobRow{row}, jobPlan{problems: problems})
		if err := tx.send(ctx, batch, nil); err != nil {
			return err
		}
		if err := s.record(ctx, tx, job.Operation(), nil, problemEvents(job, problems)...); err != nil {
			return err
		}
		return notifyJob(ctx, tx, job.ID)
	})
}

// dealWith anonymizes conversations of a job, which nobody else deals with, and adds that to the job. Those that
// changed since the plan so that something else would stay of them, and those that are gone, are left out.
func (s *Store) dealWith(ctx context.Context, tx transaction, job *Job, number int, rows []*jobRow) error {
	wanted, err := s.anonymizing(ctx, tx, job)
	if err != nil {
		return err
	}
	plan, err := planRows(ctx, tx, job, wanted, rows, forUpdate)
	if err != nil {
		return err
	}
	plan.leaveOut(rows)
	err = s.carryOut(ctx, tx, job.Operation(), plan.Plan, plan.vcons, problemEvents(job, plan.problems))
	if err != nil {
		return err
	}
	batch := new(pgx.Batch)
	s.settle(batch, job, number, rows, plan)
	if err := tx.send(ctx, batch, nil); err != nil {
		return err
	}
	return notifyJob(ctx, tx, job.ID)
}

// leaveOut takes those conversations out of the plan that changed since they were counted.
func (p *jobPlan) leaveOut(rows []*jobRow) {
	counted := map[int64]conversation.Counted{}
	for _, row := range rows {
		counted[row.ConversationID] = conversation.Counted{Revision: row.Revision, Kept: row.Kept}
	}
	p.Conversations = slices.DeleteFunc(p.Conversations, func(c conversation.PlannedConversation) bool {
		id := c.Before.ID
		if !counted[id].Changed(p.counted[id]) {
			return false
		}
		p.problems[id] = conversation.ProblemChanged
		delete(p.kept, id)
		return true
	})
}

// settle notes what became of conversations, and adds it to the job, which must still be running.
func (s *Store) settle(batch *pgx.Batch, job *Job, number int, rows []*jobRow, plan jobPlan) {
	states, reasons := plan.results(rows)
	const update = `
UPDATE anonymization_job_conversations AS jc SET state = v.state, reason = v.reason
  FROM unnest($3::bigint[], $4::text[], $5::text[]) AS v (id, state, reason)
 WHERE jc.job_id = $1 AND jc.batch = $2 AND jc.conversation_id = v.id`
	batch.Queue(update, job.ID, number, each(rows, func(r *jobRow) int64 { return r.ConversationID }), states, reasons)
	const finish = `
UPDATE anonymization_job_batches SET state = 'DONE' WHERE job_id = $1 AND number = $2 AND NOT EXISTS (
       SELECT FROM anonymization_job_conversations WHERE job_id = $1 AND batch = $2 AND state = 'OPEN')`
	batch.Queue(finish, job.ID, number)
	count := func(state string) (n int) {
		for _, one := range states {
			if one == state {
				n++
			}
		}
		return n
	}
	const add = `
UPDATE anonymization_jobs SET done = done + $2, unchanged = unchanged + $3, left_out = left_out + $4,
       failed = failed + $5, progress_at = $6
 WHERE id = $1 AND state = 'RUNNING'`
	stillIn(batch.Queue(add, job.ID, count(rowDone), count(rowUnchanged), count(rowLeftOut), count(rowFailed), s.now()))
	noteFiles(batch, job, plan.Plan)
	if len(plan.Conversations) > 0 {
		tally := plan.tally()
		tally.Gone = 0
		addCounts(batch, job.ID, PhaseRun, tally)
	}
}

// The states of a conversation of a job that is dealt with.
const (
	rowDone      = "DONE"
	rowUnchanged = "UNCHANGED"
	rowLeftOut   = "LEFT_OUT"
	rowFailed    = "FAILED"
)

// results are the states of the conversations of a plan that is carried out, and the reasons why some were not done.
func (p jobPlan) results(rows []*jobRow) (states, reasons []string) {
	unchanged := map[int64]bool{}
	for _, c := range p.Conversations {
		unchanged[c.Before.ID] = c.Unchanged
	}
	for _, row := range rows {
		problem, state := p.problems[row.ConversationID], rowDone
		switch {
		case problem == conversation.ProblemFailed:
			state = rowFailed
		case problem != "":
			state = rowLeftOut
		case unchanged[row.ConversationID]:
			state = rowUnchanged
		}
		states, reasons = append(states, state), append(reasons, string(problem))
	}
	return states, reasons
}

// problemEvents record how many conversations a job did not anonymize, without their ids: one event for each reason
// that the log knows.
func problemEvents(job *Job, problems map[int64]conversation.Problem) (events []audit.Event) {
	counts := map[audit.Code]int{}
	for _, problem := range problems {
		switch problem {
		case conversation.ProblemNotFound, conversation.ProblemMerged:
			counts[audit.CodeNotFound]++
		case conversation.ProblemChanged:
			counts[audit.Code(compliance.CodeConflict)]++
		case conversation.ProblemFailed:
			counts[audit.Code(compliance.CodeInvalid)]++
		}
	}
	for _, code := range audit.Codes() {
		if counts[code] > 0 {
			events = append(events, audit.Event{
				Activity: audit.InteractionAnonymize, Result: audit.Failure, SettingsVersion: job.SettingsVersion,
				Details: audit.Refusal{Code: code, Conversations: counts[code]},
			})
		}
	}
	return events
}

// finishJob ends a job of which nothing is left. Where another caller has a batch in hand, that one does it.
func (s *Store) finishJob(ctx context.Context, tx transaction, job *Job) error {
	const update = `
UPDATE anonymization_jobs SET state = ?, ended_at = ?, progress_at = ? WHERE id = ? AND state = 'RUNNING' AND NOT EXISTS (
       SELECT FROM anonymization_job_batches AS b WHERE b.job_id = anonymization_jobs.id AND b.state = 'COUNTED')`
	return s.move(ctx, tx, job.ID, update, conversation.JobDone, s.now(), s.now(), job.ID)
}
