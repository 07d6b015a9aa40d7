package db

import (
	"slices"
	"time"
)

// lookBack is how long ago a change may be of which a new subscriber is told. A page reads first and subscribes then: what changed in between would be missed, and
// being told twice does no harm. It has to be longer than a slow network needs to bring an answer and take a subscription.
const lookBack = 5 * time.Second

// keptChanges limits what is remembered where very much changes, as while a job anonymizes.
const keptChanges = 10_000

// recentChanges remembers which conversations changed a moment ago, and until when it does not know.
type recentChanges struct {
	changes []recentChange // the oldest first
	// lostUntil is the time up to which changes may have been missed: the hub was not listening, or there were too many to remember.
	lostUntil time.Time
}

type recentChange struct {
	id int64
	at time.Time
}

func (r *recentChanges) note(id int64, now time.Time) {
	r.changes = append(r.changes, recentChange{id, now})
	old := 0
	for old < len(r.changes) && now.Sub(r.changes[old].at) > lookBack {
		old++
	}
	if over := len(r.changes) - keptChanges; over > old {
		old, r.lostUntil = over, r.changes[over-1].at
	}
	r.changes = r.changes[old:]
}

// since returns which of some conversations may have changed after a time.
func (r *recentChanges) since(then time.Time, ids []int64) []int64 {
	if r.lostUntil.After(then) {
		return ids
	}
	var changed []int64
	for _, c := range r.changes {
		if c.at.After(then) && slices.Contains(ids, c.id) && !slices.Contains(changed, c.id) {
			changed = append(changed, c.id)
		}
	}
	return changed
}
