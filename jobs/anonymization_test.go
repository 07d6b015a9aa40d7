package jobs

import (
	"strings"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/media/interaction"
)

// withRunners is a background whose jobs are queued, in batches of three.
func withRunners(t *testing.T) *background {
	t.Helper()
	return newBackground(t, interaction.Embedded{}, func(o *Options) {
		runners, err := NewRunners(o.Database)
		if err != nil {
			t.Fatal(err)
		}
		o.Store = o.Store.WithRunners(runners).WithJobLimits(db.JobLimits{Batch: 3})
		o.JobRunners, o.JobShare = 2, 1
	})
}

func requester() db.Requester {
	return db.Requester{Actor: audit.Actor{ID: "tester", Name: "Test"}, Access: db.Everything()}
}

// planned is a job of conversations that the background has planned.
func (b *background) planned(t *testing.T, ids []int64) int64 {
	t.Helper()
	job, _, err := b.options.Store.PlanJob(t.Context(), requester(), db.JobSet{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	b.until(t, "SELECT state = 'PLANNED' FROM anonymization_jobs WHERE id = ?", job.ID)
	return job.ID
}

// Two servers plan a job, begin it when its time has come, do it, and verify it, without anybody's doing.
func TestServersWorkOnAJob(t *testing.T) {
	t.Parallel()
	b := withRunners(t)
	other := &background{options: b.options}
	other.start(t)
	ids := b.calls(t, 20)
	job := b.planned(t, ids)
	at := time.Now().Add(time.Second)
	if _, err := b.options.Store.StartJob(t.Context(), requester(), job, db.JobStart{At: &at}); err != nil {
		t.Fatal(err)
	}
	b.until(t, "SELECT state = 'DONE' AND done = 20 AND verified_at IS NOT NULL AND checked = 20"+
		" FROM anonymization_jobs WHERE id = ?", job)
	var began time.Time
	if err := b.options.Database.NewRaw("SELECT started_at FROM anonymization_jobs").Scan(t.Context(), &began); err != nil {
		t.Fatal(err)
	}
	if began.Before(at.Truncate(time.Microsecond)) {
		t.Errorf("it began at %s, before %s", began, at)
	}
	var events int
	if err := b.options.Database.NewRaw("SELECT count(*) FROM audit_events WHERE activity = 'INTERACTION_ANONYMIZE'").
		Scan(t.Context(), &events); err != nil || events != 20 {
		t.Errorf("%d events, %v", events, err)
	}
}

// A job whose runners were all killed gets others, soon.
func TestAJobWithoutRunnersGetsOthers(t *testing.T) {
	t.Parallel()
	b := withRunners(t)
	job := b.planned(t, b.calls(t, 7))
	b.stop()
	if _, err := b.options.Store.StartJob(t.Context(), requester(), job, db.JobStart{}); err != nil {
		t.Fatal(err)
	}
	const killed = `UPDATE river_job SET state = 'running', attempted_at = now(), attempted_by = '{gone}'
		WHERE kind = 'anonymization' AND state = 'available'`
	if _, err := b.options.Database.NewRaw(killed).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.start(t)
	b.until(t, "SELECT state = 'DONE' FROM anonymization_jobs WHERE id = ?", job)
}

// A server without runners leaves jobs alone, and still lets plans expire.
func TestAServerWithoutRunners(t *testing.T) {
	t.Parallel()
	b := withRunners(t)
	job := b.planned(t, b.calls(t, 1))
	b.stop()
	b.options.JobRunners = 0
	if _, err := b.options.Database.NewRaw("UPDATE anonymization_jobs SET expires_at = now()").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.start(t)
	b.until(t, "SELECT state = 'EXPIRED' FROM anonymization_jobs WHERE id = ?", job)
	if queues := b.options.queues(); len(queues) != 2 {
		t.Errorf("it works on %v", queues)
	}
}

// What is queued holds nothing but the number of the job.
func TestWhatIsQueuedOfAJob(t *testing.T) {
	t.Parallel()
	b := withRunners(t)
	b.planned(t, b.calls(t, 2))
	var queued []string
	if err := b.options.Database.NewRaw("SELECT args::text FROM river_job WHERE kind = 'anonymization'").
		Scan(t.Context(), &queued); err != nil || len(queued) == 0 {
		t.Fatal(queued, err)
	}
	for _, args := range queued {
		if strings.Trim(args, "{}\"job: 0123456789") != "" {
			t.Errorf("queued is %s", args)
		}
	}
}

// A runner rests as long as it works, or for its share, and longer where others wait.
func TestTheShareOfARunner(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		share float64
		waits bool
		rest  time.Duration
	}{
		{0, false, time.Second}, {0.5, false, time.Second}, {0.5, true, 3 * time.Second}, {1, false, 0},
		{1, true, time.Second}, {0.25, false, 3 * time.Second},
	} {
		if got := (Options{JobShare: row.share}).rest(time.Second, row.waits); got != row.rest {
			t.Errorf("share %v, others wait: %t: %s, want %s", row.share, row.waits, got, row.rest)
		}
	}
}
