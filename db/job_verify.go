package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// verifiedAtOnce is how many conversations the verification holds in memory, with all their texts.
const verifiedAtOnce = 50

// verifyBatch reads the conversations of the next batch again that the job anonymized or found anonymized, by the way
// that an export takes, and counts what should not be found. Where a job has ended early, only the batches that it had
// done are read.
func (s *Store) verifyBatch(ctx context.Context, job *Job) (worked bool, err error) {
	err = s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		number, found, err := claim(ctx, tx, job, batchDone, job.State)
		if worked = found; err != nil {
			return err
		}
		if !found {
			return s.finishVerification(ctx, tx, job)
		}
		var ids []int64
		const done = `
SELECT conversation_id FROM anonymization_job_conversations
 WHERE job_id = ? AND batch = ? AND state IN ('DONE', 'UNCHANGED') ORDER BY conversation_id`
		if err := tx.NewRaw(done, job.ID, number).Scan(ctx, &ids); err != nil {
			return err
		}
		tally, err := s.verify(ctx, tx, job, ids)
		if err != nil {
			return err
		}
		batch := new(pgx.Batch)
		setBatch(batch, job, number, batchChecked)
		const add = "UPDATE anonymization_jobs SET checked = checked + $2, progress_at = $3 WHERE id = $1"
		batch.Queue(add, job.ID, len(ids), s.now())
		addCounts(batch, job.ID, PhaseCheck, tally)
		if err := tx.send(ctx, batch, nil); err != nil {
			return err
		}
		return notifyJob(ctx, tx, job.ID)
	})
	if err != nil || worked {
		return worked, err
	}
	now, err := readJob(ctx, s.db.NewSelect(), job.ID)
	return now != nil && now.VerifiedAt != nil, err // then its files are looked at
}

// verify counts what should not be found in conversations. One that somebody has deleted or merged since is no concern
// of the job any more.
func (s *Store) verify(ctx context.Context, tx transaction, job *Job, ids []int64) (JobTally, error) {
	tally := newJobTally()
	wanted, err := s.anonymizing(ctx, tx, job)
	if err != nil {
		return tally, err
	}
	for len(ids) > 0 {
		some := ids[:min(verifiedAtOnce, len(ids))]
		ids = ids[len(some):]
		var rows []*conversation.Conversation
		query := tx.NewSelect().Model(&rows).Where("conversation.id IN (?)", bun.List(some)).OrderExpr("conversation.id")
		if err := query.Scan(ctx); err != nil {
			return tally, err
		}
		if err := loadRelations(ctx, tx, rows, everyRelation(), nil); err != nil {
			return tally, err
		}
		for _, c := range rows {
			found := c.Verify(wanted.Selection)
			for finding, count := range found {
				tally.Found[finding] += count
			}
			if len(found) > 0 && len(tally.FoundIn) < 10 {
				tally.FoundIn = append(tally.FoundIn, c.ID)
			}
		}
	}
	return tally, nil
}

// verifyDeleted asks the file store for files that the job has planned for deletion and that count as deleted by now, and
// counts those that are still there. Of each file it forgets where it lay. It is for after the verification: files are
// deleted when the Delete tool comes to them.
func (s *Store) verifyDeleted(ctx context.Context, job *Job, with JobWorker) (worked bool, err error) {
	if with.Stored == nil {
		return false, nil
	}
	err = s.retrying(ctx, func(ctx context.Context, tx transaction) error {
		var files []struct {
			FileID, ConversationID int64
			StoreKey               string
		}
		const deleted = `
SELECT jf.file_id, jf.store_key, f.conversation_id
  FROM anonymization_job_files AS jf JOIN media_files AS f ON f.id = jf.file_id
 WHERE jf.job_id = ? AND f.status = 'DELETED' ORDER BY jf.file_id LIMIT ? FOR UPDATE OF jf SKIP LOCKED`
		if err := tx.NewRaw(deleted, job.ID, verifiedAtOnce).Scan(ctx, &files); err != nil {
			return err
		}
		if worked = len(files) > 0; !worked {
			return nil
		}
		tally := newJobTally()
		var ids []int64
		for _, file := range files {
			there, err := with.Stored(ctx, file.StoreKey)
			if err != nil {
				return err
			}
			if ids = append(ids, file.FileID); there {
				tally.Found[conversation.FoundFile]++
				tally.FoundIn = append(tally.FoundIn, file.ConversationID)
			}
		}
		batch := new(pgx.Batch)
		batch.Queue("DELETE FROM anonymization_job_files WHERE job_id = $1 AND file_id = ANY ($2)", job.ID, ids)
		batch.Queue("UPDATE anonymization_jobs SET progress_at = $2 WHERE id = $1", job.ID, s.now())
		addCounts(batch, job.ID, PhaseCheck, tally)
		return tx.send(ctx, batch, nil)
	})
	return worked, err
}

// noteFiles notes where the files lie in the store that a plan has planned for deletion, for the verification.
func noteFiles(batch *pgx.Batch, job *Job, plan conversation.Plan) {
	var ids []int64
	var keys []string
	for _, change := range plan.Media() {
		if change.Planned() && change.After.StoreKey != "" {
			ids, keys = append(ids, change.After.ID), append(keys, change.After.StoreKey)
		}
	}
	if len(ids) == 0 {
		return
	}
	const insert = `INSERT INTO anonymization_job_files (job_id, file_id, store_key)
SELECT $1, v.id, v.key FROM unnest($2::bigint[], $3::text[]) AS v (id, key) ON CONFLICT DO NOTHING`
	batch.Queue(insert, job.ID, ids, keys)
}

// finishVerification ends the verification where every batch has been read again, or was not done.
func (s *Store) finishVerification(ctx context.Context, tx transaction, job *Job) error {
	const update = `
UPDATE anonymization_jobs SET verified_at = ? WHERE id = ? AND verified_at IS NULL AND NOT EXISTS (
       SELECT FROM anonymization_job_batches AS b WHERE b.job_id = anonymization_jobs.id AND b.state = 'DONE')`
	return s.move(ctx, tx, job.ID, update, s.now(), job.ID)
}
