package db

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// grouped is a conversation with an agent of a group, and with metadata.
func grouped(number int, group string, values ...string) *conversation.Incoming {
	c := mixed(number, 2, 0, 1, 2)
	c.Metadata = append(keyed(number, values...).Metadata, c.Metadata...)
	c.Participants[1].UserID, c.Participants[1].Email, c.Participants[1].Groups = "", "", []string{group}
	return c
}

// What changed between the plan and the run is done where the same stays of it, and is otherwise left out and reported.
func TestWhatChangedAfterThePlan(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	correlate(t, c.Store, "case", "customer")
	group := conversation.GroupPrincipal("sales")
	var ids []int64
	for n := range 8 {
		in := grouped(n+1, "sales", fmt.Sprint("case=", n), fmt.Sprint("customer=", n))
		mustImport(t, c.Store, in)
		id, _ := c.stored(t, in)
		ids = append(ids, id)
	}
	c.save(t, phoneOn|addressOn|mediaOn)
	by := requester()
	by.Access = Access{Principals: []string{group}}
	job := c.planned(t, by, JobSet{IDs: ids})

	again := func(n int) *conversation.Incoming {
		return grouped(n+1, "sales", fmt.Sprint("case=", n), fmt.Sprint("customer=", n))
	}
	covered := again(1) // another participant, of whom nothing stays but what stayed before
	covered.Participants[0].PhoneNumber = "+420777999999"
	text := again(2) // a text more, which stays
	text.Segments[2].Messages = append(text.Segments[2].Messages,
		conversation.IncomingMessage{Kind: compliance.ChatMessage, Author: conversation.NoAuthor, Text: "one more"})
	out := again(3) // nobody of the group took part in it
	out.Participants[1].Groups = []string{"care"}
	mustImport(t, c.Store, covered, text, out)
	_, media := c.stored(t, again(4))
	c.hold(t, nil, media[0])                              // a protected file stays
	link := grouped(100, "sales", "case=5", "customer=6") // merges two of them
	mustImport(t, c.Store, link)
	c.started(t, job.ID)
	c.work(t, job.ID)

	done := c.job(t, job.ID)
	page, err := c.JobProblems(t.Context(), job.ID, Page{First: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := map[int64]conversation.Problem{}
	for _, row := range page.Rows {
		got[row.ConversationID] = row.Reason
	}
	merged, kept := ids[6], ids[5]
	if found, _ := c.ConversationByID(t.Context(), Everything(), ids[5]); found.ID != ids[5] {
		merged, kept = ids[5], ids[6]
	}
	want := map[int64]conversation.Problem{
		ids[2]: conversation.ProblemChanged, ids[3]: conversation.ProblemNotFound, ids[4]: conversation.ProblemChanged,
		merged: conversation.ProblemMerged, kept: conversation.ProblemChanged,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if done.State != conversation.JobDone || done.Done != 3 || done.LeftOut != 5 || done.Failed != 0 {
		t.Errorf("%s: %d done, %d left out, %d failed", done.State, done.Done, done.LeftOut, done.Failed)
	}
	for i, id := range ids {
		found, err := c.ConversationByID(t.Context(), Everything(), id)
		if err != nil {
			t.Fatal(err)
		}
		_, left := want[id]
		if id == merged {
			left = true
		}
		if (found.AnonymizedAt == nil) != left {
			t.Errorf("conversation %d: anonymized at %v", i, found.AnonymizedAt)
		}
	}
	if done.VerifiedAt == nil || done.Checked != 3 {
		t.Errorf("verified at %v, %d read again", done.VerifiedAt, done.Checked)
	}
}

// A conversation that the database refuses is given up alone; the others of its batch are done.
func TestAPoisonousConversation(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	ids := c.storeCalls(t, 7)
	c.save(t, allOn)
	poison := fmt.Sprintf(`
CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.conversation_id = %d THEN RAISE EXCEPTION 'poison'; END IF; RETURN NEW; END $$;
CREATE TRIGGER poison BEFORE UPDATE ON participants FOR EACH ROW EXECUTE FUNCTION refuse_one()`, ids[1])
	if _, err := c.db.NewRaw(poison).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	job := c.planned(t, requester(), JobSet{IDs: ids})
	c.started(t, job.ID)
	var refused []int64
	for {
		worked, err := c.WorkOnJob(t.Context(), job.ID, JobWorker{Refused: func(id int64, err error) {
			refused = append(refused, id)
			if Explain(err) == "" {
				t.Errorf("the reason is not explained: %v", err)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if !worked {
			break
		}
	}
	done := c.job(t, job.ID)
	if done.State != conversation.JobDone || done.Done != 6 || done.Failed != 1 || !cmp.Equal(refused, ids[1:2]) {
		t.Errorf("%s: %d done, %d failed, %v refused", done.State, done.Done, done.Failed, refused)
	}
	found, err := c.ConversationByID(t.Context(), Everything(), ids[1])
	if err != nil || found.AnonymizedAt != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

// What a person does with a job, and when it is refused.
func TestStartingAJob(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	ids := c.storeCalls(t, 4)
	by := requester()
	refused := func(what string, code compliance.Code, err error) {
		t.Helper()
		if compliance.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", what, err, code)
		}
	}
	job := c.planned(t, by, JobSet{IDs: ids})
	two := 2
	_, err := c.StartJob(t.Context(), by, job.ID, JobStart{Meant: &two})
	refused("another version is meant", compliance.CodeConflict, err)
	far := c.at.Add(31 * 24 * time.Hour)
	_, err = c.StartJob(t.Context(), by, job.ID, JobStart{At: &far})
	refused("too far ahead", compliance.CodeInvalid, err)
	_, err = c.PauseJob(t.Context(), by, job.ID)
	refused("pausing what is planned", compliance.CodeConflict, err)
	c.save(t, allOn)
	_, err = c.StartJob(t.Context(), by, job.ID, JobStart{})
	refused("other settings are in force", compliance.CodeConflict, err)

	// With a grace period it waits, and can be cancelled without any effect.
	job = c.planned(t, by, JobSet{IDs: ids})
	soon := c.at.Add(time.Hour)
	waiting, err := c.StartJob(t.Context(), by, job.ID, JobStart{At: &soon})
	if err != nil || waiting.State != conversation.JobPlanned || !waiting.StartsAt.Equal(soon) {
		t.Fatalf("%+v, %v", waiting, err)
	}
	c.work(t, job.ID)
	if now := c.job(t, job.ID); now.State != conversation.JobPlanned || now.Dealt() != 0 {
		t.Errorf("it did not wait: %s, %d", now.State, now.Dealt())
	}
	c.at = soon
	if _, err := c.TendJobs(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if now := c.job(t, job.ID); now.State != conversation.JobRunning {
		t.Errorf("its time has come, and it is %s", now.State)
	}
	// Paused, nothing happens; cancelled, what is done stays done.
	if _, err := c.WorkOnJob(t.Context(), job.ID, JobWorker{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PauseJob(t.Context(), by, job.ID); err != nil {
		t.Fatal(err)
	}
	c.work(t, job.ID)
	if now := c.job(t, job.ID); now.State != conversation.JobPaused || now.Done != 3 {
		t.Errorf("paused: %s, %d done", now.State, now.Done)
	}
	if resumed, err := c.ResumeJob(t.Context(), by, job.ID); err != nil || resumed.State != conversation.JobRunning {
		t.Errorf("%+v, %v", resumed, err)
	}
	if _, err := c.CancelJob(t.Context(), by, job.ID); err != nil {
		t.Fatal(err)
	}
	c.work(t, job.ID)
	now := c.job(t, job.ID)
	if now.State != conversation.JobCancelled || now.Done != 3 || now.EndedAt == nil || now.Checked != 3 {
		t.Errorf("cancelled: %s, %d done, %d checked", now.State, now.Done, now.Checked)
	}
	_, err = c.CancelJob(t.Context(), by, job.ID)
	refused("cancelling again", compliance.CodeConflict, err)
	_, err = c.CancelJob(t.Context(), by, 4711)
	refused("no job", compliance.CodeNotFound, err)

	// Nobody starts it: it expires.
	job = c.planned(t, by, JobSet{IDs: ids})
	c.at = c.at.Add(8 * 24 * time.Hour)
	_, err = c.StartJob(t.Context(), by, job.ID, JobStart{})
	refused("expired", compliance.CodeConflict, err)
	if _, err := c.TendJobs(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if now := c.job(t, job.ID); now.State != conversation.JobExpired || now.EndedAt == nil {
		t.Errorf("nobody started it, and it is %s", now.State)
	}
}

// What cannot be planned says why, and leaves nothing behind.
func TestWhatCannotBePlanned(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	ids := c.storeCalls(t, 3)
	plan := func(by Requester, set JobSet) error {
		_, _, err := c.PlanJob(t.Context(), by, set)
		return err
	}
	nowhere := []string{conversation.GroupPrincipal("nowhere")}
	nine := 9
	for _, row := range []struct {
		name string
		by   Requester
		set  JobSet
		code compliance.Code
	}{
		{"nothing that the requester sees", Requester{Actor: deed().Actor, Access: Access{Principals: nowhere}},
			JobSet{IDs: ids}, compliance.CodeInvalid},
		{"nobody", Requester{Actor: deed().Actor}, JobSet{Filter: &Filter{}}, compliance.CodeInvalid},
		{"a filter that is wrong", requester(), JobSet{Filter: &Filter{PhoneNumber: "1"}}, compliance.CodeInvalid},
		{"a key that is none", requester(),
			JobSet{Filter: &Filter{Metadata: []MetadataMatch{{"nowhere", "x"}}}}, compliance.CodeInvalid},
		{"a version that is none", requester(), JobSet{Filter: &Filter{AnonymizedBefore: &nine}}, compliance.CodeInvalid},
	} {
		if err := plan(row.by, row.set); compliance.CodeOf(err) != row.code && compliance.UserErrors(err) == nil {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	c.jobLimits.Conversations = 2
	if err := plan(requester(), JobSet{Filter: &Filter{}}); compliance.CodeOf(err) != compliance.CodeInvalid {
		t.Errorf("too many: %v", err)
	}
	c.jobLimits.Conversations = 3
	if err := plan(requester(), JobSet{Filter: &Filter{}}); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	c.save(t, 0)
	if err := plan(requester(), JobSet{Filter: &Filter{}}); compliance.CodeOf(err) != compliance.CodeNothingSelected {
		t.Errorf("nothing is on: %v", err)
	}
	var jobs int
	if err := c.db.NewRaw("SELECT count(*) FROM anonymization_jobs").Scan(t.Context(), &jobs); err != nil || jobs != 1 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
	_, missing, err := c.PlanJob(t.Context(), Requester{Actor: deed().Actor, Access: Everything()}, JobSet{IDs: []int64{ids[0], 999}})
	if compliance.CodeOf(err) != compliance.CodeNothingSelected {
		t.Errorf("%v, %v", missing, err)
	}
}

// A job covers what its planner saw, is seen by those who see all of that, and fails when a newer token of its planner
// or of who started it says that they may no longer.
func TestRolesThatAreTakenAway(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		with    func(*Requester)
		may     bool
		failure conversation.JobFailure
	}{
		{"the same", func(*Requester) {}, true, ""},
		{"more", func(r *Requester) { r.Access = Everything() }, true, ""},
		{"no role", func(*Requester) {}, false, conversation.RoleWithdrawn},
		{"another group", func(r *Requester) { r.Access.Principals = []string{"group:care"} }, true,
			conversation.ScopeWithdrawn},
		{"nothing", func(r *Requester) { r.Access = Access{} }, true, conversation.ScopeWithdrawn},
		{"another client", func(r *Requester) { r.Access, r.Client = Access{}, "other" }, false, ""},
		{"an older token", func(r *Requester) { r.Access, r.TokenAt = Access{}, testNow.Add(-time.Hour) }, false, ""},
		{"a token without a time", func(r *Requester) { r.Access, r.TokenAt = Access{}, time.Time{} }, false, ""},
		{"another person", func(r *Requester) { r.Access, r.Actor = Access{}, audit.Actor{ID: "other"} }, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := newClocked(t)
			for n := range 6 {
				mustImport(t, c.Store, grouped(n+1, []string{"sales", "care"}[n%2]))
			}
			by := Requester{
				Actor: audit.Actor{ID: "supervisor", Name: "Sue"}, Access: Access{Principals: []string{"group:sales"}},
				Client: "console", TokenAt: testNow,
			}
			c.jobLimits.Batch = 1
			job, _, err := c.PlanJob(t.Context(), by, JobSet{Filter: &Filter{}})
			if err != nil || job.Conversations != 3 {
				t.Fatalf("%+v, %v", job, err)
			}
			c.work(t, job.ID)
			if _, err := c.StartJob(t.Context(), by, job.ID, JobStart{}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.WorkOnJob(t.Context(), job.ID, JobWorker{}); err != nil {
				t.Fatal(err)
			}
			newer := by
			newer.TokenAt = testNow.Add(time.Minute)
			row.with(&newer)
			if err := c.Withdraw(t.Context(), newer, row.may); err != nil {
				t.Fatal(err)
			}
			c.work(t, job.ID)
			now := c.job(t, job.ID)
			want := &Job{State: conversation.JobDone, Done: 3}
			if row.failure != "" {
				want = &Job{State: conversation.JobFailed, Done: 1}
			}
			if now.State != want.State || now.Done != want.Done || now.Failure != row.failure {
				t.Errorf("%s, %d done, %s", now.State, now.Done, now.Failure)
			}
			var care int
			const touched = `SELECT count(*) FROM conversations AS c JOIN conversation_principals AS cp ON cp.conversation_id = c.id
				WHERE cp.principal = 'group:care' AND c.anonymized_at IS NOT NULL`
			if err := c.db.NewRaw(touched).Scan(t.Context(), &care); err != nil || care > 0 {
				t.Errorf("%d of another group are anonymized, %v", care, err)
			}
			for access, sees := range map[string]bool{"group:sales": true, "group:care": false, "": false} {
				seen, err := c.Job(t.Context(), Access{Principals: []string{access}}, job.ID)
				if err != nil || (seen != nil) != sees {
					t.Errorf("%q sees %v, %v", access, seen, err)
				}
			}
		})
	}
}

// Which conversations a version of the settings would complete: every past with every selection.
func TestAnonymizedBefore(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	storeKeys(t, c.Store, "crm.iban", "routing.queue")
	var all []stored
	g := newGenerator(5)
	for done := range switches(allOn + 1) {
		one := g.conversation(nil)
		one.Participants, one.Metadata, one.AnonymizedAt, one.SettingsVersion = nil, nil, nil, nil
		if done != 0 {
			one.SetDone(testNow, 1, done.selection())
		}
		all = append(all, one)
	}
	storeConversations(t, c.Store, all)
	for on := range switches(allOn + 1) {
		c.save(t, on)
		settings, err := c.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.Conversations(t.Context(), Everything(), Filter{AnonymizedBefore: &settings.Version}, Order{},
			Page{First: 100}, Want{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[int64]bool{}
		for _, row := range page.Rows {
			got[row.ID] = true
		}
		for done, one := range all {
			if want := done == 0 || on&^switches(done) != 0; got[one.ID] != want {
				t.Errorf("done %06b under %06b: %t, want %t", done, on, got[one.ID], want)
			}
		}
	}
}

// The verification finds values that are left, placeholders that are missing, and files that count as deleted and are
// still in the store; where the files lay is forgotten once the store was asked.
func TestTheVerificationOfAJob(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	importRecorded(t, c.Store, 2, true)
	c.save(t, allOn)
	job := c.planned(t, requester(), JobSet{IDs: []int64{1}})
	c.started(t, job.ID)
	for c.job(t, job.ID).State != conversation.JobDone {
		if _, err := c.WorkOnJob(t.Context(), job.ID, JobWorker{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, spoil := range []string{
		"UPDATE participants SET phone_number = '+420777123456', phone_number_anonymized = false WHERE position = 0",
		"UPDATE messages SET text = 'not a placeholder' WHERE kind = 'CHAT_MESSAGE'",
	} {
		if _, err := c.db.NewRaw(spoil).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	c.work(t, job.ID)
	for _, file := range []int64{1, 2} {
		if _, err := c.DeleteMedia(t.Context(), deed(), file, nothingToRemove); err != nil {
			t.Fatal(err)
		}
	}
	c.at = c.at.Add(time.Hour)
	if idling, err := c.TendJobs(t.Context(), time.Minute); err != nil || !cmp.Equal(idling, []int64{job.ID}) {
		t.Errorf("to look at after the files were deleted: %v, %v", idling, err)
	}
	stored := func(_ context.Context, key string) (bool, error) { return key == "key-1", nil }
	for worked := true; worked; {
		var err error
		if worked, err = c.WorkOnJob(t.Context(), job.ID, JobWorker{Stored: stored}); err != nil {
			t.Fatal(err)
		}
	}
	tally, err := c.JobTally(t.Context(), job, PhaseCheck)
	want := map[conversation.Finding]int{
		conversation.FoundValue: 1, conversation.FoundNoPlaceholder: 1, conversation.FoundFile: 1,
	}
	if diff := cmp.Diff(want, tally.Found); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	var left int
	if err := c.db.NewRaw("SELECT count(*) FROM anonymization_job_files").Scan(t.Context(), &left); err != nil || left > 0 {
		t.Errorf("where %d files lay is kept, %v", left, err)
	}
	if idling, err := c.TendJobs(t.Context(), time.Minute); err != nil || len(idling) > 0 {
		t.Errorf("nothing is left to look at, and yet %v, %v", idling, err)
	}
}
