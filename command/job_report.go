package command

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/graph"
)

// jobDocument is a job as JSON: how far it is, what it would do, and what it did. It holds no personal data but the
// names of those who planned, started or cancelled it.
type jobDocument struct {
	Job             string                `json:"job"`
	State           conversation.JobState `json:"state"`
	SettingsVersion int                   `json:"settingsVersion"`
	Criteria        *db.Criteria          `json:"criteria"`
	PlannedBy       string                `json:"plannedBy"`
	PlannedAt       time.Time             `json:"plannedAt"`
	ExpiresAt       time.Time             `json:"expiresAt"`
	StartedBy       string                `json:"startedBy,omitempty"`
	StartsAt        *time.Time            `json:"startsAt,omitempty"`
	StartedAt       *time.Time            `json:"startedAt,omitempty"`
	CancelledBy     string                `json:"cancelledBy,omitempty"`
	EndedAt         *time.Time            `json:"endedAt,omitempty"`
	Failure         string                `json:"failure,omitempty"`
	AuditOperation  string                `json:"auditOperation"`

	ConversationCount int `json:"conversationCount"`
	CountedCount      int `json:"countedCount"`
	DoneCount         int `json:"doneCount"`
	UnchangedCount    int `json:"unchangedCount"`
	LeftOutCount      int `json:"leftOutCount"`
	FailedCount       int `json:"failedCount"`
	NotReachedCount   int `json:"notReachedCount"`

	// Preview is null until the job is planned, Report until it has run and ended.
	Preview      *tallyDocument               `json:"preview"`
	Report       *tallyDocument               `json:"report"`
	Problems     map[conversation.Problem]int `json:"problems,omitempty"`
	Verification *verificationDocument        `json:"verification,omitempty"`
}

// tallyDocument is what a job counted, by kind.
type tallyDocument struct {
	Values                map[string]int `json:"values"`
	Files                 map[string]int `json:"files"`
	Kept                  []keptDocument `json:"kept"`
	IsTextKept            bool           `json:"isTextKept"`
	UnchangedCount        int            `json:"unchangedCount"`
	ReviewEndsCount       int            `json:"reviewEndsCount"`
	NotReviewableCount    int            `json:"notReviewableCount"`
	StaysReviewableCounts map[string]int `json:"staysReviewableCounts"`
}

type keptDocument struct {
	Kind              compliance.KeptKind `json:"kind"`
	Key               string              `json:"key,omitempty"`
	Count             int                 `json:"count"`
	ConversationCount int                 `json:"conversationCount"`
	ProtectedUntil    *time.Time          `json:"protectedUntil,omitempty"`
}

type verificationDocument struct {
	IsPassed     bool                         `json:"isPassed"`
	EndedAt      time.Time                    `json:"endedAt"`
	CheckedCount int                          `json:"checkedCount"`
	Found        map[conversation.Finding]int `json:"found"`
}

func documentOf(ctx context.Context, store *db.Store, job *db.Job) (*jobDocument, error) {
	shown := &jobDocument{
		Job: graph.GlobalID("AnonymizationJob", job.ID), State: job.State, SettingsVersion: job.SettingsVersion,
		Criteria: job.Criteria, PlannedBy: job.PlannedByName, PlannedAt: job.PlannedAt, ExpiresAt: job.ExpiresAt,
		StartedBy: job.StartedByName, StartsAt: job.StartsAt, StartedAt: job.StartedAt, CancelledBy: job.CancelledByName,
		EndedAt: job.EndedAt, Failure: string(job.Failure), AuditOperation: job.OperationID.String(),
		ConversationCount: job.Conversations, CountedCount: job.Counted, DoneCount: job.Done, UnchangedCount: job.Unchanged,
		LeftOutCount: job.LeftOut, FailedCount: job.Failed, NotReachedCount: job.Conversations - job.Dealt(),
	}
	settings, err := store.SettingsVersion(ctx, job.SettingsVersion)
	if err != nil {
		return nil, err
	}
	tally := func(phase db.JobPhase) (*tallyDocument, db.JobTally, error) {
		counted, err := store.JobTally(ctx, job, phase)
		return tallyOf(counted, settings.Selection), counted, err
	}
	if job.State != conversation.JobPlanning && job.Counted == job.Conversations {
		if shown.Preview, _, err = tally(db.PhasePlan); err != nil {
			return nil, err
		}
	}
	if !job.State.Ended() || job.StartedAt == nil {
		return shown, nil
	}
	if shown.Report, _, err = tally(db.PhaseRun); err != nil {
		return nil, err
	}
	problems, err := store.ProblemCounts(ctx, []int64{job.ID})
	if err != nil {
		return nil, err
	}
	shown.Problems = problems[job.ID]
	if job.VerifiedAt != nil {
		_, found, err := tally(db.PhaseCheck)
		if err != nil {
			return nil, err
		}
		shown.Verification = &verificationDocument{
			IsPassed: len(found.Found) == 0, EndedAt: *job.VerifiedAt, CheckedCount: job.Checked, Found: found.Found,
		}
	}
	return shown, nil
}

func tallyOf(tally db.JobTally, selection compliance.Selection) *tallyDocument {
	shown := &tallyDocument{
		Values: map[string]int{}, Files: map[string]int{}, Kept: []keptDocument{},
		IsTextKept: selection.CoversContacts() && tally.Kept.HasText(), UnchangedCount: tally.Unchanged,
		ReviewEndsCount: tally.Ends, NotReviewableCount: tally.Ended, StaysReviewableCounts: map[string]int{},
	}
	for value, count := range tally.Effect.Values {
		shown.Values[strings.TrimSuffix(string(value.Kind)+" "+value.Detail, " ")] += count
	}
	for file, count := range tally.Effect.Files {
		shown.Files[string(file.Kind)+" "+string(file.Disposition)] += count
	}
	for reason, count := range tally.Stays {
		shown.StaysReviewableCounts[string(reason)] += count
	}
	for _, data := range slices.SortedFunc(maps.Keys(tally.Kept), compliance.KeptData.Compare) {
		total := tally.Kept[data]
		shown.Kept = append(shown.Kept, keptDocument{
			Kind: data.Kind, Key: data.Key, Count: total.Count, ConversationCount: total.Conversations,
			ProtectedUntil: total.ProtectedUntil,
		})
	}
	return shown
}

// print writes a job for a person.
func (d *jobDocument) print(out io.Writer) {
	say := func(format string, values ...any) { _, _ = fmt.Fprintf(out, format+"\n", values...) }
	say("job %s is %s: %d conversations, settings version %d", d.Job, d.State, d.ConversationCount, d.SettingsVersion)
	if d.Failure != "" {
		say("it failed: %s", d.Failure)
	}
	switch {
	case d.Report != nil:
		say("%d anonymized, %d unchanged, %d left out, %d failed, %d not reached",
			d.DoneCount, d.UnchangedCount, d.LeftOutCount, d.FailedCount, d.NotReachedCount)
		d.Report.print(say, "overwritten", "remained")
	case d.Preview != nil:
		d.Preview.print(say, "would be overwritten", "would remain")
	default:
		say("%d counted", d.CountedCount)
	}
	for _, problem := range conversation.Problems() {
		if count := d.Problems[problem]; count > 0 {
			say("  not anonymized, %s: %d", problem, count)
		}
	}
	if v := d.Verification; v != nil && v.IsPassed {
		say("verified: %d conversations were read again, and nothing was found", v.CheckedCount)
	} else if v != nil {
		say("verification failed: %v", v.Found)
	}
}

func (t *tallyDocument) print(say func(string, ...any), overwritten, remained string) {
	for _, what := range slices.Sorted(maps.Keys(t.Values)) {
		say("  %s: %d %s", overwritten, t.Values[what], what)
	}
	for _, what := range slices.Sorted(maps.Keys(t.Files)) {
		say("  media files, %s: %d", what, t.Files[what])
	}
	for _, kept := range t.Kept {
		say("  %s: %d %s in %d conversations", remained, kept.Count,
			strings.TrimSuffix(string(kept.Kind)+" "+kept.Key, " "), kept.ConversationCount)
	}
	if t.IsTextKept {
		say("  warning: free text remains, which often repeats numbers and addresses")
	}
}
