package conversation_test

import (
	"testing"

	"qm-compliance/conversation"
)

// Every state with every action.
func TestStatesOfJobs(t *testing.T) {
	t.Parallel()
	const no = conversation.JobState("")
	order := []conversation.JobAction{
		conversation.JobFinishPlan, conversation.JobStart, conversation.JobBegin, conversation.JobPause,
		conversation.JobResume, conversation.JobCancel, conversation.JobFinish, conversation.JobFail,
		conversation.JobExpire,
	}
	if len(order) != len(conversation.JobActions()) {
		t.Fatalf("the table has %d actions, there are %d", len(order), len(conversation.JobActions()))
	}
	table := map[conversation.JobState][]conversation.JobState{
		"PLANNING":  {"PLANNED", no, no, no, no, "CANCELLED", no, "FAILED", no},
		"PLANNED":   {no, "PLANNED", "RUNNING", no, no, "CANCELLED", no, "FAILED", "EXPIRED"},
		"RUNNING":   {no, no, no, "PAUSED", no, "CANCELLED", "DONE", "FAILED", no},
		"PAUSED":    {no, no, no, no, "RUNNING", "CANCELLED", no, "FAILED", no},
		"CANCELLED": {no, no, no, no, no, no, no, no, no},
		"DONE":      {no, no, no, no, no, no, no, no, no},
		"FAILED":    {no, no, no, no, no, no, no, no, no},
		"EXPIRED":   {no, no, no, no, no, no, no, no, no},
	}
	if len(table) != len(conversation.JobStates()) {
		t.Fatalf("the table has %d states, there are %d", len(table), len(conversation.JobStates()))
	}
	for _, state := range conversation.JobStates() {
		ends := true
		for i, action := range order {
			want, wantAllowed := table[state][i], table[state][i] != no
			if !wantAllowed {
				want = state
			}
			if got, allowed := state.After(action); got != want || allowed != wantAllowed {
				t.Errorf("%s, %s: %s %t, want %s %t", state, action, got, allowed, want, wantAllowed)
			}
			ends = ends && !wantAllowed
		}
		if state.Ended() != ends {
			t.Errorf("%s: Ended is %t", state, state.Ended())
		}
	}
}

// A conversation that changed is done where the same would stay of it.
func TestChangedConversationsOfJobs(t *testing.T) {
	t.Parallel()
	planned := conversation.Counted{Revision: 3, Kept: 7}
	for _, c := range []struct {
		name    string
		now     conversation.Counted
		changed bool
	}{
		{"nothing changed", conversation.Counted{Revision: 3, Kept: 7}, false},
		{"anonymized meanwhile under other settings", conversation.Counted{Revision: 3, Kept: 5}, false},
		{"what is covered changed", conversation.Counted{Revision: 4, Kept: 7}, false},
		{"what stays changed", conversation.Counted{Revision: 4, Kept: 8}, true},
	} {
		if got := planned.Changed(c.now); got != c.changed {
			t.Errorf("%s: %t, want %t", c.name, got, c.changed)
		}
	}
}
