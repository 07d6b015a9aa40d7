package compliance_test

import (
	"fmt"
	"testing"

	"qm-compliance/compliance"
)

// selections returns every combination of the four switches of Basic Data.
func selections() []compliance.Selection {
	var all []compliance.Selection
	for bits := range 16 {
		all = append(all, compliance.Selection{
			ParticipantPhoneNumber: bits&1 != 0, ParticipantDigitalAddress: bits&2 != 0, SubjectAndBody: bits&4 != 0,
			MediaFiles: bits&8 != 0,
		})
	}
	return all
}

// The design's table of section 4, "Reviewability": whether a conversation is reviewable after anonymizing,
// by what of media (M) and of subject and body (S) was on. Phone number, digital address and metadata are in
// no column, since they change nothing.
func TestReviewableTable(t *testing.T) {
	t.Parallel()
	const call, email, chat = compliance.SegmentCall, compliance.SegmentEmail, compliance.SegmentChat
	table := []struct {
		segments          []compliance.SegmentKind
		none, s, m, mAndS bool
	}{
		// segments                                              -      S      M      M+S
		{[]compliance.SegmentKind{call}, true, true, false, false},
		{[]compliance.SegmentKind{chat}, true, false, true, false},
		{[]compliance.SegmentKind{email}, true, false, true, false},
		{[]compliance.SegmentKind{call, email}, true, true, true, false},
		{[]compliance.SegmentKind{call, chat}, true, true, true, false},
		{[]compliance.SegmentKind{email, chat}, true, false, true, false},
		{[]compliance.SegmentKind{call, call}, true, true, false, false},
		{[]compliance.SegmentKind{call, email, chat}, true, true, true, false},
	}
	for _, row := range table {
		for _, done := range selections() {
			t.Run(fmt.Sprint(row.segments, done), func(t *testing.T) {
				t.Parallel()
				want := map[[2]bool]bool{
					{false, false}: row.none,
					{false, true}:  row.s,
					{true, false}:  row.m,
					{true, true}:   row.mAndS,
				}
				got := compliance.Reviewable(states(row.segments, 0), &done)
				if got != want[[2]bool{done.MediaFiles, done.SubjectAndBody}] {
					t.Errorf("reviewable = %v", got)
				}
				if !compliance.Reviewable(states(row.segments, 0), nil) {
					t.Error("a conversation that was never anonymized is not reviewable")
				}
			})
		}
	}
}

func states(kinds []compliance.SegmentKind, protected int) []compliance.SegmentState {
	var list []compliance.SegmentState
	for _, kind := range kinds {
		list = append(list, compliance.SegmentState{Kind: kind, ProtectedFiles: protected})
	}
	return list
}

// A segment is anonymized when the switch that covers its content was on and no protected file is left in it.
func TestReasonOfASegment(t *testing.T) {
	t.Parallel()
	for _, kind := range compliance.SegmentKinds() {
		for _, done := range selections() {
			for protected := range 2 {
				segment := compliance.SegmentState{Kind: kind, ProtectedFiles: protected}
				on := done.SubjectAndBody
				if kind == compliance.SegmentCall {
					on = done.MediaFiles
				}
				want := compliance.ReasonContentKept
				switch {
				case on && protected > 0:
					want = compliance.ReasonProtectedMedia
				case on:
					want = compliance.ReasonAnonymized
				}
				if got := segment.Review(&done); got != want {
					t.Errorf("%s, %+v, %d protected: %s, want %s", kind, done, protected, got, want)
				}
				if got := segment.Review(nil); got != compliance.ReasonUntouched {
					t.Errorf("%s, never anonymized: %s", kind, got)
				}
			}
		}
	}
}

func TestAProtectedFileKeepsAConversationReviewable(t *testing.T) {
	t.Parallel()
	everything := compliance.Selection{SubjectAndBody: true, MediaFiles: true}
	segments := append(
		states([]compliance.SegmentKind{compliance.SegmentChat}, 0),
		states([]compliance.SegmentKind{compliance.SegmentCall}, 1)...)
	if !compliance.Reviewable(segments, &everything) {
		t.Error("a protected recording is left, yet the conversation is not reviewable")
	}
}
