package command

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// drilled is a job that is worked on by two processes, which are killed again and again.
type drilled struct {
	*installation
	dir string
	job string
}

// Two processes that work on a job are killed at random instants: in the end every conversation of the set is
// anonymized, with one event and one request, and none outside of it; the job's numbers are those of the database.
// QM_DRILL=1 kills them a hundred times in a job of 20,000, restarts PostgreSQL five times, and fills its disk once.
func TestKilledJobsLeaveNothingWrong(t *testing.T) {
	t.Parallel()
	conversations, kills, restarts := 300, 4, 0
	if os.Getenv("QM_DRILL") != "" {
		conversations, kills, restarts = 20_000, 100, 5
	}
	random := rand.New(rand.NewPCG(killSeed(t), 3))
	dir := newDataDir(t)
	d := &drilled{installation: join(t, dir), dir: dir}
	d.plan(t, conversations)
	var workers sync.WaitGroup
	killed := make(chan struct{}, kills)
	for number := range 2 {
		delays := make([]time.Duration, kills/2)
		for i := range delays {
			delays[i] = time.Duration(random.Int64N(int64(800 * time.Millisecond)))
		}
		workers.Go(func() { d.workAndDie(t, number, delays, killed) })
	}
	go func() { workers.Wait(); close(killed) }()
	count := 0
	for range killed {
		count++
		if restarts > 0 && count%(kills/restarts) == kills/restarts/2 {
			endPostgres(t, dir, []syscall.Signal{syscall.SIGKILL, syscall.SIGINT}[count%2])
		}
		if restarts > 0 && count == kills/2 {
			d.fillDisk(t)
		}
	}
	last := d.run(t, "", "anonymize", "--data", dir, "--report", d.job, "--wait", "--json")
	if last.status != 0 {
		t.Fatal(last)
	}
	d.check(t, last.out, conversations)
	t.Logf("%d kills, %d restarts of PostgreSQL", count, restarts)
}

// plan plans and starts a job of so many conversations, beside others that are none of it.
func (d *drilled) plan(t *testing.T, conversations int) {
	t.Helper()
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	d.importCalls(t, conversations, at, "typed words")
	d.importCalls(t, 50, at.AddDate(1, 0, 0), "others")
	d.query(t, `mutation { saveComplianceSettings(input: {baseVersion: 1,
		basicData: {mediaFiles: true, subjectAndBody: true}}) { userErrors { message } } }`)
	batch := "20"
	if conversations > 1000 {
		batch = "50"
	}
	planned := d.run(t, "", "anonymize", "--data", d.dir, "--plan", "--filter", `{"startedTo": "2026-06-01T00:00:00Z"}`, "--wait", "--json",
		"--job-batch", batch)
	var job jobDocument
	if err := json.Unmarshal([]byte(planned.out), &job); err != nil || job.ConversationCount != conversations {
		t.Fatal(planned)
	}
	d.job = job.Job
	if started := d.run(t, "", "anonymize", "--data", d.dir, "--start", d.job); started.status != 0 {
		t.Fatal(started)
	}
}

// workAndDie runs one process after the other that works on the job, and kills each after a delay.
func (d *drilled) workAndDie(t *testing.T, number int, delays []time.Duration, killed chan<- struct{}) {
	self, err := os.Executable()
	if err != nil {
		t.Error(err)
		return
	}
	for _, delay := range delays {
		worker := exec.Command(self, "anonymize", "--data", d.dir, "--report", d.job, "--wait", "--quiet")
		worker.Env = append(os.Environ(), asProgram+"=1")
		if err := worker.Start(); err != nil {
			t.Error(number, err)
			return
		}
		timer := time.AfterFunc(delay, func() { _ = worker.Process.Kill() })
		_ = worker.Wait()
		timer.Stop()
		killed <- struct{}{}
	}
}

// fillDisk has the database say for a while, whatever is written of participants, that its disk is full.
func (d *drilled) fillDisk(t *testing.T) {
	t.Helper()
	const full = `
CREATE SEQUENCE disk_was_full; -- counts what is rolled back, too
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM nextval('disk_was_full');
    RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE UPDATE ON participants FOR EACH STATEMENT EXECUTE FUNCTION disk_is_full()`
	run := func(query string) {
		until(t, "the database takes a statement", func() bool {
			_, err := d.bun.NewRaw(query).Exec(t.Context())
			return err == nil
		})
	}
	run(full)
	worker := d.process(t, "", "anonymize", "--data", d.dir, "--report", d.job, "--wait", "--quiet")
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	before := d.count(t, "SELECT done FROM anonymization_jobs")
	until(t, "the worker has met the full disk", func() bool {
		return d.count(t, "SELECT last_value FROM disk_was_full") > 1
	})
	_ = worker.Process.Kill()
	_ = worker.Wait()
	if after := d.count(t, "SELECT done + failed FROM anonymization_jobs"); after != before {
		t.Errorf("with a full disk %d were done before and %d after", before, after)
	}
	run("DROP TRIGGER full_disk ON participants; DROP FUNCTION disk_is_full; DROP SEQUENCE disk_was_full")
}

// check compares what is stored with what the job reports.
func (d *drilled) check(t *testing.T, report string, conversations int) {
	t.Helper()
	var job jobDocument
	if err := json.Unmarshal([]byte(report), &job); err != nil {
		t.Fatal(report)
	}
	if job.State != "DONE" || job.DoneCount != conversations || job.FailedCount+job.LeftOutCount+job.UnchangedCount != 0 ||
		!job.Verification.IsPassed || job.Verification.CheckedCount != conversations {
		t.Errorf("%s", report)
	}
	for query, want := range map[string]int{
		"SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL AND started_at < '2026-06-01'":  conversations,
		"SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL AND started_at > '2026-06-01'":  0,
		"SELECT count(*) FROM audit_events WHERE activity = 'INTERACTION_ANONYMIZE'":                        conversations,
		"SELECT count(DISTINCT conversation_id) FROM audit_events WHERE activity = 'INTERACTION_ANONYMIZE'": conversations,
		"SELECT count(*) FROM audit_events WHERE activity = 'MEDIA_DELETION_REQUESTED'":                     conversations,
		"SELECT count(*) FROM media_deletion_requests":                                                      conversations,
		"SELECT count(DISTINCT media_file_ids) FROM media_deletion_requests":                                conversations,
		"SELECT count(*) FROM audit_operations WHERE activity = 'INTERACTION_ANONYMIZE'":                    1,
		"SELECT sum(count) FROM audit_totals WHERE name = 'PHONE_NUMBERS'":                                  job.Report.Values["phoneNumbers"],
		"SELECT sum(count) FROM audit_totals WHERE name = 'MESSAGES'":                                       job.Report.Values["messages CHAT_MESSAGE"],
		"SELECT count(*) FROM media_files WHERE status = 'PLANNED_FOR_DELETION'":                            job.Report.Files["CALL PLANNED"],
		"SELECT count(*) FROM participants WHERE phone_number_anonymized":                                   conversations,
		"SELECT count(*) FROM anonymization_job_conversations WHERE state = 'DONE'":                         conversations,
		"SELECT count(*) FROM anonymization_job_batches WHERE state <> 'CHECKED'":                           0,
	} {
		if got := d.count(t, query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
}
