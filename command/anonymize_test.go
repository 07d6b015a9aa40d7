package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// importCalls imports so many calls with a recording that is kept elsewhere, a chat, and the words given.
func (i *installation) importCalls(t *testing.T, count int, at time.Time, words string) {
	t.Helper()
	const batch = 500
	for first := 0; first < count; first += batch {
		var calls []*conversation.Incoming
		for n := first; n < min(count, first+batch); n++ {
			calls = append(calls, &conversation.Incoming{
				UUID: uuid.New(), StartedAt: at, EndedAt: at.Add(time.Minute),
				Participants: []conversation.IncomingParticipant{{
					Role: compliance.RoleCustomer, Name: "Ada", PhoneNumber: fmt.Sprintf("+4207771%05d", n),
					DigitalAddress: fmt.Sprintf("ada%d@example.com", n),
				}},
				Segments: []conversation.IncomingSegment{
					{Kind: compliance.SegmentCall, StartedAt: at, Media: []conversation.IncomingMedia{{
						Kind: compliance.MediaCall, MediaType: "audio/wav", URL: "https://media.example/" + uuid.NewString(),
					}}},
					{Kind: compliance.SegmentChat, StartedAt: at, Messages: []conversation.IncomingMessage{{
						Kind: compliance.ChatMessage, Author: 0, Text: words,
					}}},
				},
			})
		}
		op := audit.Begin(audit.CommandActor("test"), audit.ConversationImported)
		if _, err := i.store.Import(t.Context(), op, calls); err != nil {
			t.Fatal(err)
		}
	}
}

// The way of a job on the command line: planned, looked at, started, reported; and what is refused.
func TestAnonymizeCommand(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	i.importCalls(t, 30, at, "typed words")
	i.importCalls(t, 4, at.AddDate(1, 0, 0), "later words")
	i.query(t, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) {
		userErrors { message } } }`)
	planned := i.run(t, `{"startedTo": "2026-06-01T00:00:00Z", "participantPhoneNumber": "4207771"}`,
		"anonymize", "--plan", "--filter", "@-", "--wait", "--json", "--job-batch", "7")
	if planned.status != 0 {
		t.Fatal(planned)
	}
	var job jobDocument
	if err := json.Unmarshal([]byte(planned.out), &job); err != nil {
		t.Fatal(planned)
	}
	if job.State != "PLANNED" || job.ConversationCount != 30 || job.Preview.Values["phoneNumbers"] != 30 ||
		job.Preview.Files["CALL PLANNED"] != 30 || !job.Preview.IsTextKept || len(job.Preview.Kept) != 2 ||
		job.Report != nil || strings.Contains(planned.out, "4207771") {
		t.Errorf("%+v %+v", job, job.Preview)
	}
	if got := i.count(t, "SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL"); got != 0 {
		t.Errorf("planning anonymized %d", got)
	}
	done := i.run(t, "", "anonymize", "--start", job.Job, "--wait", "--json")
	if done.status != 0 {
		t.Fatal(done)
	}
	if err := json.Unmarshal([]byte(done.out), &job); err != nil {
		t.Fatal(done)
	}
	if job.State != "DONE" || job.DoneCount != 30 || job.Report.Values["digitalAddresses"] != 30 ||
		!job.Verification.IsPassed || job.Verification.CheckedCount != 30 {
		t.Errorf("%s", done)
	}
	if got := i.count(t, "SELECT count(*) FROM conversations WHERE anonymized_at IS NOT NULL"); got != 30 {
		t.Errorf("%d are anonymized", got)
	}
	text := i.run(t, "", "anonymize", "--report", job.Job)
	for _, words := range []string{"is DONE", "30 anonymized", "remained: 30 MESSAGE", "warning: free text", "verified: 30"} {
		if !strings.Contains(text.out, words) {
			t.Errorf("it does not say %q: %s", words, text)
		}
	}
	for _, row := range []struct {
		status    int
		says      string
		arguments []string
	}{
		{1, "the job is DONE", []string{"--start", job.Job}},
		{1, "no job with this id", []string{"--report", "QW5vbnltaXphdGlvbkpvYjo5OTk"}},
		{1, "not the id of a job", []string{"--cancel", "nonsense"}},
		{1, "no conversation matches", []string{"--plan", "--filter", `{"startedTo": "1990-01-01T00:00:00Z"}`}},
		{1, "not a ConversationFilter", []string{"--plan", "--filter", `{"nowhere": "secret"}`}},
		{1, "a type or a media status", []string{"--plan", "--filter", `{"types": ["SECRET"]}`}},
		{80, "exactly one", nil},
		{80, "exactly one", []string{"--start", job.Job, "--pause", job.Job}},
		{80, "go together", []string{"--plan"}},
		{80, "--at goes with", []string{"--report", job.Job, "--at", "2026-01-01T00:00:00Z"}},
		{80, "--wait goes with", []string{"--cancel", job.Job, "--wait"}},
		{80, "--job-share", []string{"--report", job.Job, "--job-share", "2"}},
	} {
		got := i.run(t, "", append([]string{"anonymize"}, row.arguments...)...)
		if got.status != row.status || !strings.Contains(got.errors, row.says) || strings.Contains(got.errors, "secret") ||
			strings.Contains(got.errors, "SECRET") {
			t.Errorf("%v: %s", row.arguments, got)
		}
	}
}

// The exit status says that a job did not do everything; it can be cancelled while it waits for its time.
func TestAnonymizeCommandSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	i := newInstallation(t)
	i.importCalls(t, 3, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), "typed words")
	var job jobDocument
	read := func(e ended) {
		t.Helper()
		job = jobDocument{}
		if err := json.Unmarshal([]byte(e.out), &job); err != nil {
			t.Fatal(e)
		}
	}
	read(i.run(t, "", "anonymize", "--plan", "--filter", "{}", "--wait", "--json"))
	later := time.Now().Add(time.Hour).Format(time.RFC3339)
	if got := i.run(t, "", "anonymize", "--start", job.Job, "--at", later, "--json"); got.status != 0 {
		t.Fatal(got)
	}
	read(i.run(t, "", "anonymize", "--cancel", job.Job, "--json"))
	if job.State != "CANCELLED" || job.DoneCount != 0 || job.Report != nil {
		t.Errorf("%+v", job)
	}
	read(i.run(t, "", "anonymize", "--plan", "--filter", "{}", "--wait", "--json"))
	if _, err := i.bun.NewRaw("DELETE FROM conversations WHERE id = (SELECT min(id) FROM conversations)").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := i.run(t, "", "anonymize", "--start", job.Job, "--wait", "--json")
	read(left)
	if left.status != 2 || job.State != "DONE" || job.LeftOutCount != 1 || job.Problems["NOT_FOUND"] != 1 {
		t.Errorf("%s", left)
	}
}
