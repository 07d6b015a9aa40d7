package refusals

import "qm-compliance/db"

// event is what refusals share that are written as one.
type event struct {
	actor             db.Actor
	operation, reason string
}

// tally counts the refusals of one period. It tells a bounded number of events apart; the last of them stands
// for all that find no room.
type tally struct {
	limit  int
	others string
	counts map[event]int
}

func newTally(limit int, others string) tally { return tally{limit, others, map[event]int{}} }

// begin makes room for an event without counting anything, and reports whether it is new and there was room.
func (t tally) begin(refused event) bool {
	if _, known := t.counts[refused]; known || len(t.counts) >= t.limit-1 {
		return false
	}
	t.counts[refused] = 0
	return true
}

// add counts refusals under their event, or under the last one where there is no room for theirs.
func (t tally) add(refused event, count int) {
	if _, known := t.counts[refused]; !known && !t.begin(refused) {
		refused = event{db.Actor{Name: t.others}, "several", refused.reason}
	}
	t.counts[refused] += count
}
