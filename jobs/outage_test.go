package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

// patience is how long a test waits for what must come, on a busy machine.
const patience = time.Minute

// outage is a background with an Interaction service that is about to get into trouble.
type outage struct {
	*background
	service *interactiontest.Service
	failed  chan string
}

func newOutage(t *testing.T, timeout time.Duration) *outage {
	t.Helper()
	o := &outage{service: interactiontest.New(t), failed: make(chan string, 10_000)}
	client, err := interaction.NewClient(interaction.Options{URL: o.service.URL(), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	o.background = newBackground(t, client, func(options *Options) {
		options.Delay = func(_ int, failure error) time.Duration { o.failed <- failure.Error(); return time.Millisecond }
	})
	return o
}

// forget forgets which attempts have failed.
func (o *outage) forget() {
	for len(o.failed) > 0 {
		<-o.failed
	}
}

// awaitFailures returns when so many attempts have failed.
func (o *outage) awaitFailures(t *testing.T, count int) {
	t.Helper()
	late := time.After(patience)
	for range count {
		select {
		case <-o.failed:
		case <-late:
			t.Fatal("no attempt fails any more")
		}
	}
}

// until looks again and again whether a question to the database is answered with yes.
func (b *background) until(t *testing.T, question string, values ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for tick := time.Tick(20 * time.Millisecond); ; {
		var yes bool
		if err := b.options.Database.NewRaw(question, values...).Scan(ctx, &yes); err != nil {
			t.Fatalf("%s: %v", question, err)
		}
		if yes {
			return
		}
		<-tick
	}
}

const allDelivered = "SELECT count(*) = 0 FROM media_deletion_requests WHERE delivered_at IS NULL"

// While the service is down, hangs, fails, takes requests whose answers get lost or come late, and this
// server is restarted: every request arrives, again with the key that it had, and with the same content,
// which the service checks.
func TestNothingIsLostInAnOutage(t *testing.T) {
	t.Parallel()
	o := newOutage(t, 300*time.Millisecond)
	calls := o.calls(t, 30)
	release := make(chan struct{})
	for i, trouble := range []func(){
		o.service.Stop,
		func() { o.service.Start(); o.service.Hang() },
		func() { o.service.Fail(503, time.Second) },
		func() { o.service.DropAnswers(5) },
		func() { o.service.AnswerLate(release) },
	} {
		trouble()
		o.forget()
		o.anonymize(t, calls[5*i:5*i+5]...)
		o.awaitFailures(t, 5)
	}
	o.stop()
	o.anonymize(t, calls[25:]...)
	o.service.Behave()
	close(release)
	o.start(t)
	o.until(t, allDelivered)
	o.checkArrived(t, 30)
}

// checkArrived holds what the service got against what is in the outbox.
func (o *outage) checkArrived(t *testing.T, count int) {
	t.Helper()
	arrived := map[uuid.UUID]bool{}
	for _, delivery := range o.service.Deliveries() {
		arrived[delivery.Key] = true
	}
	var keys []uuid.UUID
	if err := o.options.Database.NewRaw("SELECT idempotency_key FROM media_deletion_requests").Scan(t.Context(),
		&keys); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if !arrived[key] {
			t.Errorf("the request %s has not arrived", key)
		}
	}
	if len(keys) != count || len(arrived) != count {
		t.Errorf("%d requests, %d arrived, want %d", len(keys), len(arrived), count)
	}
	var left int
	err := o.options.Database.NewRaw("SELECT count(*) FROM media_deletion_requests WHERE message <> '' OR last_error"+
		" <> ''").Scan(t.Context(), &left)
	if err != nil || left > 0 {
		t.Errorf("%d requests keep what they sent, %v", left, err)
	}
}

// What is sent again is what was sent first, though the conversation has joined another one meanwhile, and
// files have gone.
func TestAMessageStaysAsItWasSentFirst(t *testing.T) {
	t.Parallel()
	o := newOutage(t, time.Second)
	call := o.calls(t, 1)
	o.service.DropAnswers(1)
	o.anonymize(t, call...)
	o.awaitFailures(t, 1)
	_, err := o.options.Database.NewRaw("UPDATE media_files SET source_url =" +
		" 'https://media.example/elsewhere'").Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.until(t, allDelivered)
	taken := o.service.Deliveries()
	first, last := taken[0].Request, taken[len(taken)-1].Request
	if len(taken) < 2 || cmp.Diff(first, last) != "" || len(first.Files) != 1 ||
		first.Files[0].SourceURL == "https://media.example/elsewhere" || len(first.Conversation.Vcons) != 1 {
		t.Errorf("%d times: %s", len(taken), cmp.Diff(first, last))
	}
}

// Protecting what was asked to be deleted takes the request back, with a higher sequence, whichever arrives first.
func TestARequestIsTakenBack(t *testing.T) {
	t.Parallel()
	o := newOutage(t, time.Second)
	call := o.calls(t, 1)
	o.service.Stop()
	o.anonymize(t, call...)
	var file int64
	if err := o.options.Database.NewRaw("SELECT id FROM media_files").Scan(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if _, err := o.options.Store.ProtectMedia(t.Context(), begun(audit.MediaProtected), db.Everything(), []int64{file},
		conversation.Protection{Reason: compliance.ReasonLegalClaim}); err != nil {
		t.Fatal(err)
	}
	o.service.Start()
	o.until(t, allDelivered)
	sequences := map[interaction.Action]int64{}
	for _, delivery := range o.service.Deliveries() {
		sequences[delivery.Action] = delivery.Request.Sequence
	}
	if len(sequences) != 2 || sequences[interaction.Keep] <= sequences[interaction.Delete] {
		t.Errorf("%v", sequences)
	}
}

// While twenty attempts hang, which is as many as are made at once, what else is to be done is done:
// protections end, and people anonymize.
func TestAServiceThatHangsDelaysNobody(t *testing.T) {
	t.Parallel()
	o := newOutage(t, time.Hour)
	calls := o.calls(t, 42)
	soon := time.Now().Add(time.Second)
	if _, err := o.options.Store.ProtectMedia(t.Context(), begun(audit.MediaProtected), db.Everything(), []int64{1},
		conversation.Protection{Reason: compliance.ReasonLegalClaim, Until: &soon}); err != nil {
		t.Fatal(err)
	}
	o.service.Hang()
	o.anonymize(t, calls...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := o.service.WaitForAttempts(ctx, workers); err != nil {
		t.Fatal("the attempts are not made at once:", o.service.Attempts())
	}
	o.until(t, "SELECT NOT protected AND status = 'PLANNED_FOR_DELETION' FROM media_files WHERE id = 1")
	if attempts, taken := o.service.Attempts(), o.service.Deliveries(); attempts != workers || len(taken) > 0 {
		t.Errorf("meanwhile %d attempts were made, and %d taken", attempts, len(taken))
	}
	o.service.Behave()
	o.until(t, allDelivered)
	o.checkArrived(t, 42)
}

// What a server had begun when it was killed is taken up by another one.
func TestWhatAKilledServerHadBegunIsDone(t *testing.T) {
	t.Parallel()
	o := newOutage(t, time.Second)
	o.stop()
	o.anonymize(t, o.calls(t, 1)...)
	const begun = "UPDATE river_job SET state = 'running', attempt = 1, attempted_at = now() - interval '1 hour'," +
		" attempted_by = '{killed}' WHERE kind = 'deliver_media_request'"
	if _, err := o.options.Database.NewRaw(begun).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.start(t)
	o.until(t, allDelivered)
	o.checkArrived(t, 1)
}
