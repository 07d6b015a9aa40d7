package compliance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

// What becomes of a file, whatever it is and whatever is on: only one that can be played, is not protected,
// and is covered by the switch is planned.
func TestDispositionOfAFile(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status        compliance.MediaStatus
		protected, on bool
		want          compliance.MediaDisposition
	}{
		{compliance.MediaAvailable, false, true, compliance.DispositionPlanned},
		{compliance.MediaAvailable, false, false, compliance.DispositionKept},
		{compliance.MediaAvailable, true, true, compliance.DispositionProtected},
		{compliance.MediaAvailable, true, false, compliance.DispositionProtected},
		{compliance.MediaPlanned, false, true, compliance.DispositionAlreadyPlanned},
		{compliance.MediaPlanned, false, false, compliance.DispositionAlreadyPlanned},
		{compliance.MediaDeleted, false, true, compliance.DispositionDeleted},
		{compliance.MediaDeleted, true, true, compliance.DispositionDeleted},
		{compliance.MediaDeleted, false, false, compliance.DispositionDeleted},
		{compliance.MediaMissing, false, true, compliance.DispositionMissing},
		{compliance.MediaMissing, false, false, compliance.DispositionMissing},
	} {
		if got := (compliance.Selection{MediaFiles: row.on}).DispositionOf(row.status, row.protected); got != row.want {
			t.Errorf("%s, protected %v, media files on %v: %s, want %s", row.status, row.protected, row.on, got, row.want)
		}
	}
}

// The reason of a conversation is one of its segments', and protected files count only where nothing else
// keeps it reviewable.
func TestWhyReviewable(t *testing.T) {
	t.Parallel()
	const call, chat = compliance.SegmentCall, compliance.SegmentChat
	for _, done := range selections() {
		segments := append(states([]compliance.SegmentKind{call}, 1), states([]compliance.SegmentKind{chat}, 0)...)
		want := compliance.ReasonContentKept
		if done.MediaFiles && done.SubjectAndBody {
			want = compliance.ReasonProtectedMedia
		}
		if got := compliance.WhyReviewable(segments, &done); got != want || !got.Reviewable() {
			t.Errorf("%+v: %s, want %s", done, got, want)
		}
		if got := compliance.WhyReviewable(segments, nil); got != compliance.ReasonUntouched {
			t.Errorf("never anonymized: %s", got)
		}
	}
}

func TestTallyCountsEachConversationOnce(t *testing.T) {
	t.Parallel()
	effect := compliance.Effect{
		Values: map[compliance.Value]int{
			{Kind: compliance.PhoneNumbers}:                   2,
			{Kind: compliance.Messages, Detail: "SUMMARY"}:    1,
			{Kind: compliance.Messages, Detail: "TRANSCRIPT"}: 4,
		},
		Files: map[compliance.File]int{{Kind: compliance.MediaCall, Disposition: compliance.DispositionPlanned}: 1},
	}
	tally := compliance.TallyOf([]compliance.Outcome{
		{Effect: effect, Before: compliance.ReasonUntouched, After: compliance.ReasonAnonymized},
		{Effect: effect, Before: compliance.ReasonContentKept, After: compliance.ReasonProtectedMedia},
		{Unchanged: true, Before: compliance.ReasonContentKept, After: compliance.ReasonContentKept},
		{Unchanged: true, Before: compliance.ReasonAnonymized, After: compliance.ReasonAnonymized},
		{Before: compliance.ReasonAnonymized, After: compliance.ReasonAnonymized},
	})
	want := compliance.Tally{
		Conversations: 5, Unchanged: 2, Ends: 1, Ended: 2,
		Stays:  map[compliance.Reason]int{compliance.ReasonProtectedMedia: 1, compliance.ReasonContentKept: 1},
		Effect: compliance.NewEffect(),
	}
	want.Effect.Add(effect)
	want.Effect.Add(effect)
	if diff := cmp.Diff(want, tally); diff != "" {
		t.Error(diff)
	}
	if tally.Effect.All() != 14 || tally.Effect.Of(compliance.Messages) != 10 ||
		tally.Effect.Of(compliance.Subjects) != 0 {
		t.Errorf("%d values, %d messages", tally.Effect.All(), tally.Effect.Of(compliance.Messages))
	}
}
