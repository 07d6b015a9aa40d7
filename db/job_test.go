package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// requester plans and starts jobs, seeing everything.
func requester() Requester { return Requester{Actor: deed().Actor, Access: Everything()} }

// seeded is a source of random numbers that QM_SEED repeats.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("QM_SEED"); given != "" {
		seed, _ = strconv.ParseUint(given, 10, 64)
	}
	t.Logf("QM_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 2))
}

// A job ends in the same rows, events and requests as anonymizing its conversations one by one, and does what its plan
// counted: for every combination of the switches, over conversations with every past.
func TestAJobIsItsConversationsOneByOne(t *testing.T) {
	t.Parallel()
	random := seeded(t)
	c := newClocked(t)
	correlate(t, c.Store, "case", "customer")
	var ids []int64
	for n := range 3 {
		ids = append(ids, c.storeMix(t, 100*n+1)...)
	}
	random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	for on := range switches(allOn + 1) {
		if on != 0 {
			c.holdJob(t, on, ids[:20+random.IntN(len(ids)-20)])
		}
	}
}

// holdJob anonymizes conversations one by one and by a job, and leaves them as they were.
func (c *clocked) holdJob(t *testing.T, on switches, ids []int64) {
	t.Helper()
	wanted := conversation.Anonymizing{Selection: on.selection(), Version: 77, At: c.at}
	rolledBack := errors.New("rolled back")
	var asJob, planned, done []string
	op := audit.Operation{ID: audit.NewID(), Actor: deed().Actor, Activity: audit.InteractionAnonymize}
	var members [][]int64
	err := c.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
		job, err := c.jobInTx(ctx, tx, op, wanted, ids)
		if err != nil {
			return err
		}
		rows, err := jobRows(ctx, tx, job, 0, maxBatch)
		if err != nil {
			return err
		}
		for _, row := range rows {
			members = append(members, []int64{row.ConversationID})
		}
		plan, err := planRows(ctx, tx, job, wanted, rows, unlocked)
		if err != nil {
			return err
		}
		planned = countsOf(plan.tally())
		if err := c.dealWith(ctx, tx, job, 0, rows); err != nil {
			return err
		}
		for _, row := range rows {
			var state string
			if err := tx.NewRaw("SELECT state FROM anonymization_job_conversations WHERE conversation_id = ?",
				row.ConversationID).Scan(ctx, &state); err != nil || state == "OPEN" {
				return fmt.Errorf("%d is %s: %w", row.ConversationID, state, err)
			}
		}
		inside := *c.Store
		inside.db = nil
		var counted []*jobCount
		if err := tx.NewRaw(`SELECT kind, detail, count, conversations FROM anonymization_job_counts
			WHERE tally = 'RUN' ORDER BY kind COLLATE "C", detail COLLATE "C"`).Scan(ctx, &counted); err != nil {
			return err
		}
		for _, row := range counted {
			done = append(done, fmt.Sprint(row.Kind, " ", row.Detail, " ", row.Count, " ", row.Conversations))
		}
		asJob = c.dump(t, ctx, tx, op)
		return rolledBack
	})
	if !errors.Is(err, rolledBack) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(planned, done); diff != "" {
		t.Errorf("%06b: what the job did is not what was planned (-planned +done):\n%s", on, diff)
	}
	if diff := cmp.Diff(c.tried(t, wanted, members), asJob); diff != "" {
		t.Fatalf("%06b, %d conversations (-one by one +as a job):\n%.3000s", on, len(members), diff)
	}
}

func countsOf(tally JobTally) (texts []string) {
	for _, row := range tally.counts() {
		texts = append(texts, fmt.Sprint(row.Kind, " ", row.Detail, " ", row.Count, " ", row.Conversations))
	}
	return texts
}

// jobInTx makes a running job of conversations, with one batch, under a version of the settings of its own.
func (c *clocked) jobInTx(
	ctx context.Context, tx transaction, op audit.Operation, wanted conversation.Anonymizing, ids []int64,
) (*Job, error) {
	s := wanted.Selection
	settings := &settingsRow{
		Version: wanted.Version, ParticipantPhoneNumber: s.ParticipantPhoneNumber,
		ParticipantDigitalAddress: s.ParticipantDigitalAddress, SubjectAndBody: s.SubjectAndBody,
		MediaFiles: s.MediaFiles, Keys: append([]string{}, s.Keys...),
	}
	if _, err := tx.NewInsert().Model(settings).Exec(ctx); err != nil {
		return nil, err
	}
	limits := JobLimits{Batch: 1000}.withDefaults()
	job := c.newJob(requester(), wanted.Version, JobSet{}, limits)
	job.OperationID, job.StartedBy, job.StartedByName = op.ID, op.Actor.ID, op.Actor.Name
	c.begin(job, c.at)
	if _, err := tx.NewInsert().Model(job).Exec(ctx); err != nil {
		return nil, err
	}
	members, err := c.members(ctx, tx, Everything(), JobSet{IDs: ids})
	if err != nil {
		return nil, err
	}
	if err := c.fix(ctx, tx, job, members, limits); err != nil {
		return nil, err
	}
	_, err = tx.NewRaw("UPDATE anonymization_job_batches SET state = 'COUNTED'").Exec(ctx)
	return job, err
}

// selection is the combination as a selection.
func (on switches) selection() compliance.Selection {
	selection := compliance.Selection{
		ParticipantPhoneNumber: on&phoneOn != 0, ParticipantDigitalAddress: on&addressOn != 0,
		SubjectAndBody: on&contentOn != 0, MediaFiles: on&mediaOn != 0,
	}
	for key, bit := range map[string]switches{"crm.iban": ibanOn, "routing.queue": queueOn} {
		if on&bit != 0 {
			selection.Keys = append(selection.Keys, key)
		}
	}
	return selection.Union(compliance.Selection{})
}

// work works on a job until nothing is left to do.
func (c *clocked) work(t testing.TB, id int64) {
	t.Helper()
	for {
		worked, err := c.WorkOnJob(t.Context(), id, JobWorker{})
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

// job finds a job.
func (c *clocked) job(t testing.TB, id int64) *Job {
	t.Helper()
	job, err := c.Job(t.Context(), Everything(), id)
	if err != nil || job == nil {
		t.Fatalf("job %d: %v, %v", id, job, err)
	}
	return job
}

// planned is a planned job of these conversations, in batches of three.
func (c *clocked) planned(t testing.TB, by Requester, set JobSet) *Job {
	t.Helper()
	c.jobLimits.Batch = 3
	job, _, err := c.PlanJob(t.Context(), by, set)
	if err != nil {
		t.Fatal(err)
	}
	c.work(t, job.ID)
	return c.job(t, job.ID)
}

// started starts a job.
func (c *clocked) started(t testing.TB, id int64) {
	t.Helper()
	if _, err := c.StartJob(t.Context(), requester(), id, JobStart{}); err != nil {
		t.Fatal(err)
	}
}

// storeCalls stores so many conversations with everything that can be anonymized.
func (c *clocked) storeCalls(t testing.TB, count int) (ids []int64) {
	t.Helper()
	for n := range count {
		mustImport(t, c.Store, mixed(n+1, 2, 0, 1, 2))
		id, _ := c.stored(t, mixed(n+1, 2, 0, 1, 2))
		ids = append(ids, id)
	}
	return ids
}

// Several workers share a job: each conversation of the set is anonymized once, with one event and one request, and
// nothing outside the set is touched, also what the filter would match by now.
func TestWorkersShareAJob(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	ids := c.storeCalls(t, 20)
	c.save(t, allOn)
	from := sample(1).StartedAt.Add(-time.Hour)
	c.jobLimits.Batch = 3
	job, _, err := c.PlanJob(t.Context(), requester(), JobSet{Filter: &Filter{StartedFrom: &from, PhoneNumber: "777"}})
	if err != nil {
		t.Fatal(err)
	}
	if job.State != conversation.JobPlanning || job.Conversations != len(ids) {
		t.Fatalf("%s with %d conversations", job.State, job.Conversations)
	}
	late := mixed(50, 2, 0, 1, 2)
	mustImport(t, c.Store, late)
	c.workTogether(t, job.ID)
	planned := c.job(t, job.ID)
	if planned.State != conversation.JobPlanned || planned.Counted != len(ids) {
		t.Fatalf("%s, %d counted", planned.State, planned.Counted)
	}
	var touched int
	if err := c.db.NewRaw("SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL").
		Scan(t.Context(), &touched); err != nil || touched != 0 {
		t.Fatalf("planning anonymized %d, %v", touched, err)
	}
	c.started(t, job.ID)
	c.workTogether(t, job.ID)
	done := c.job(t, job.ID)
	if done.State != conversation.JobDone || done.Done != len(ids) || done.EndedAt == nil {
		t.Fatalf("%s, %d done", done.State, done.Done)
	}
	var row struct{ Anonymized, Events, Conversations, Requests, Operations int }
	const query = `
SELECT (SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL) AS anonymized,
       (SELECT count(*) FROM audit_events WHERE activity = 'INTERACTION_ANONYMIZE') AS events,
       (SELECT count(DISTINCT conversation_id) FROM audit_events WHERE activity = 'INTERACTION_ANONYMIZE') AS conversations,
       (SELECT count(*) FROM media_deletion_requests) AS requests,
       (SELECT count(*) FROM audit_operations WHERE id = ?) AS operations`
	if err := c.db.NewRaw(query, job.OperationID).Scan(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	if row.Anonymized != 20 || row.Events != 20 || row.Conversations != 20 || row.Requests != 20 || row.Operations != 1 {
		t.Errorf("%+v", row)
	}
	plan, err := c.JobTally(t.Context(), done, PhasePlan)
	if err != nil {
		t.Fatal(err)
	}
	run, err := c.JobTally(t.Context(), done, PhaseRun)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(countsOf(plan), countsOf(run)); diff != "" {
		t.Errorf("(-planned +done):\n%s", diff)
	}
	if id, _ := c.stored(t, late); id != 0 {
		found, err := c.ConversationByID(t.Context(), Everything(), id)
		if err != nil || found.AnonymizedAt != nil {
			t.Errorf("what came later: %+v, %v", found, err)
		}
	}
}

// workTogether has four workers work on a job until none finds anything to do.
func (c *clocked) workTogether(t *testing.T, id int64) {
	t.Helper()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				worked, err := c.WorkOnJob(t.Context(), id, JobWorker{})
				if err != nil {
					t.Error(err)
				}
				if !worked || err != nil {
					return
				}
			}
		})
	}
	group.Wait()
}
