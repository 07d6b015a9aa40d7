package conversation_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// stored is a conversation with a segment of each kind, whose call has the given files.
func stored(id int64, done *compliance.Selection, files ...conversation.MediaFile) *conversation.Conversation {
	c := &conversation.Conversation{ID: id, DoneKeys: []string{}}
	for i, kind := range compliance.SegmentKinds() {
		c.Segments = append(
			c.Segments, &conversation.Segment{ID: id*10 + int64(i), ConversationID: id, Position: i, Kind: kind},
		)
	}
	for i, file := range files {
		file.ID, file.ConversationID, file.SegmentID = id*100+int64(i), id, c.Segments[0].ID
		c.Media = append(c.Media, &file)
	}
	if done != nil {
		c.SetDone(earlier, 1, *done)
	}
	c.Derive()
	return c
}

// selections are all combinations of the switches of Basic Data, each with and without a key.
func selections() []compliance.Selection {
	var all []compliance.Selection
	for n := range 1 << 5 {
		s := compliance.Selection{
			ParticipantPhoneNumber: n&1 > 0, ParticipantDigitalAddress: n&2 > 0, SubjectAndBody: n&4 > 0, MediaFiles: n&8 > 0,
		}
		if n&16 > 0 {
			s.Keys = []string{"crm.iban"}
		}
		all = append(all, s)
	}
	return all
}

// allStates has a file in each state that a conversation can have beside each other.
func allStates() []conversation.MediaFile {
	var files []conversation.MediaFile
	for _, name := range []string{"available", "planned", "being deleted", "protected", "protected, later", "owed",
		"deleted", "missing"} {
		files = append(files, standings()[name].file)
	}
	return files
}

// What a conversation is afterwards follows, for every selection before and every selection now: it is
// anonymized with what either had on, its files are those that the selection now plans, and everything
// derived is derived of these.
func TestPlanOfAnonymizing(t *testing.T) {
	t.Parallel()
	before := []*compliance.Selection{nil}
	for _, s := range selections() {
		before = append(before, &s)
	}
	for _, done := range before {
		for _, selection := range selections() {
			c := stored(1, done, allStates()...)
			wanted := conversation.Anonymizing{Selection: selection, Version: 7, At: now}
			plan := wanted.Plan([]*conversation.Conversation{c}, conversation.Overwritten{}).Conversations[0]
			checkPlan(t, wanted, done, plan)
			if before := stored(1, done, allStates()...); !reflect.DeepEqual(before, c) {
				t.Fatalf("planning changed the conversation:\n%s", cmp.Diff(before, c))
			}
		}
	}
}

func checkPlan(
	t *testing.T,
	wanted conversation.Anonymizing,
	done *compliance.Selection,
	plan conversation.PlannedConversation,
) {
	t.Helper()
	union := wanted.Selection
	if done != nil {
		union = union.Union(*done)
	}
	after := plan.After
	if plan.Unchanged != (done != nil && union.Equal(*done) && !wanted.Selection.MediaFiles) {
		t.Errorf("%+v after %+v: unchanged %v", wanted.Selection, done, plan.Unchanged)
	}
	if !after.Done().Equal(union) {
		t.Errorf("%+v after %+v: done is %+v", wanted.Selection, done, after.Done())
	}
	if !plan.Unchanged && (after.AnonymizedAt == nil || !after.AnonymizedAt.Equal(now) || after.DoneVersion() != 7) {
		t.Errorf("anonymized at %v under %d", after.AnonymizedAt, after.DoneVersion())
	}
	var planned []int64
	for _, change := range plan.Media {
		planned = append(planned, change.After.ID)
	}
	var want []int64
	if wanted.Selection.MediaFiles {
		want = []int64{100} // the available one; the others are planned, protected, gone or missing
	}
	if diff := cmp.Diff(want, planned); diff != "" {
		t.Errorf("%+v plans other files:\n%s", wanted.Selection, diff)
	}
	derived := *after
	derived.Derive()
	if !reflect.DeepEqual(&derived, after) {
		t.Errorf("what is derived does not follow:\n%s", cmp.Diff(&derived, after))
	}
	if plan.Outcome.After != after.WhyReviewable() || plan.Outcome.Before != plan.Before.WhyReviewable() {
		t.Errorf("reviewable for %s, then %s", plan.Outcome.Before, plan.Outcome.After)
	}
}

// Unchanged is only what was done before with all that is on, and has nothing left to overwrite or to plan.
func TestWhatAnonymizingLeavesUnchanged(t *testing.T) {
	t.Parallel()
	phone, all := compliance.Selection{
		ParticipantPhoneNumber: true,
	}, compliance.Selection{
		ParticipantPhoneNumber: true,
		MediaFiles:             true,
	}
	available, planned := standings()["available"].file, standings()["planned"].file
	value := map[compliance.Value]int{{Kind: compliance.PhoneNumbers}: 1}
	for name, row := range map[string]struct {
		done      *compliance.Selection
		selection compliance.Selection
		file      conversation.MediaFile
		values    map[compliance.Value]int
		unchanged bool
		counts    map[string]int
	}{
		"never anonymized, nothing there": {nil, phone, planned, nil, false, map[string]int{}},
		"the same again":                  {&phone, phone, available, nil, true, map[string]int{}},
		"less than before":                {&all, phone, planned, nil, true, map[string]int{}},
		"more than before":                {&phone, all, planned, nil, false, map[string]int{}},
		"a value is left":                 {&phone, phone, available, value, false, map[string]int{"phoneNumbers": 1}},
		"a file is left":                  {&all, all, available, nil, false, map[string]int{"mediaFiles": 1}},
		"a file and a value": {nil, all, available, value, false,
			map[string]int{"mediaFiles": 1, "phoneNumbers": 1}},
	} {
		c := stored(1, row.done, row.file)
		wanted := conversation.Anonymizing{Selection: row.selection, Version: 2, At: now}
		plan := wanted.Plan([]*conversation.Conversation{c}, conversation.Overwritten{1: row.values})
		one := plan.Conversations[0]
		if one.Unchanged != row.unchanged || len(plan.Changed()) == 1 == row.unchanged {
			t.Errorf("%s: unchanged %v", name, one.Unchanged)
		}
		if diff := cmp.Diff(row.counts, countsOf(one)); diff != "" {
			t.Errorf("%s: other counts:\n%s", name, diff)
		}
		if row.unchanged && one.After != c {
			t.Errorf("%s: an unchanged conversation becomes another one", name)
		}
	}
}

// A batch is planned as each of its conversations alone.
func TestPlanOfABatch(t *testing.T) {
	t.Parallel()
	wanted := conversation.Anonymizing{
		Selection: compliance.Selection{MediaFiles: true, SubjectAndBody: true},
		Version:   3,
		At:        now,
	}
	var batch []*conversation.Conversation
	overwritten := conversation.Overwritten{}
	for id := range int64(500) {
		batch = append(batch, stored(id+1, []*compliance.Selection{nil, &wanted.Selection}[id%2], allStates()[:id%9]...))
		if id%3 == 0 {
			overwritten.Add(id+1, compliance.Value{Kind: compliance.Messages, Detail: string(compliance.Summary)}, int(id)+1)
			overwritten.Add(id+1, compliance.Value{Kind: compliance.Messages, Detail: string(compliance.Transcript)}, 1)
		}
	}
	plan := wanted.Plan(batch, overwritten)
	var media []conversation.MediaChange
	for i, c := range batch {
		alone := wanted.Plan([]*conversation.Conversation{c}, overwritten)
		if !reflect.DeepEqual(alone.Conversations[0], plan.Conversations[i]) {
			t.Fatalf(
				"conversation %d alone and in the batch:\n%s",
				c.ID,
				cmp.Diff(alone.Conversations[0], plan.Conversations[i]),
			)
		}
		media = append(media, alone.Media()...)
	}
	if !reflect.DeepEqual(media, plan.Media()) {
		t.Error("the files of the batch are not those of its conversations")
	}
	if slices.ContainsFunc(media, conversation.MediaChange.Released) {
		t.Error("anonymizing ends a protection")
	}
}

// A file that is planned, protected, released or deleted changes its conversation: reviewability, status and
// types follow.
func TestConversationFollowsItsFiles(t *testing.T) {
	t.Parallel()
	done := &compliance.Selection{MediaFiles: true, SubjectAndBody: true}
	screen := standings()["planned"].file
	screen.Kind = compliance.MediaScreen
	c := stored(1, done, screen)
	step := func(change conversation.MediaChange, reviewable bool, status compliance.MediaStatus,
		types ...compliance.ConversationType) {
		t.Helper()
		c = c.WithMedia([]conversation.MediaChange{change})
		if c.Reviewable != reviewable || c.MediaStatus != status {
			t.Errorf("reviewable %v, status %s; want %v %s", c.Reviewable, c.MediaStatus, reviewable, status)
		}
		if diff := cmp.Diff(append(types, compliance.TypeEmail, compliance.TypeChat), c.Types); diff != "" {
			t.Error(diff)
		}
	}
	until := now.Add(time.Minute)
	step(c.Media[0].Protect(conversation.Protection{Reason: compliance.ReasonMiFID, Until: &until}), true, compliance.MediaAvailable,
		compliance.TypeCall, compliance.TypeScreenRecording)
	step(
		c.Media[0].Expire(c.Done(), now),
		true,
		compliance.MediaAvailable,
		compliance.TypeCall,
		compliance.TypeScreenRecording,
	)
	step(
		c.Media[0].Expire(c.Done(), until),
		false,
		compliance.MediaPlanned,
		compliance.TypeCall,
		compliance.TypeScreenRecording,
	)
	step(
		c.Media[0].BeginDeletion(until),
		false,
		compliance.MediaPlanned,
		compliance.TypeCall,
		compliance.TypeScreenRecording,
	)
	step(c.Media[0].Delete(), false, compliance.MediaDeleted, compliance.TypeCall)
	why := []compliance.Reason{compliance.ReasonAnonymized, compliance.ReasonAnonymized, compliance.ReasonAnonymized}
	if diff := cmp.Diff(why, c.Review()); diff != "" {
		t.Error(diff)
	}
}

// countsOf counts the values of each kind that are overwritten, and the files that are planned.
func countsOf(one conversation.PlannedConversation) map[string]int {
	counts := map[string]int{}
	for value, count := range one.Effect.Values {
		counts[string(value.Kind)] += count
	}
	if len(one.Media) > 0 {
		counts["mediaFiles"] = len(one.Media)
	}
	return counts
}
