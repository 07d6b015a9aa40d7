package graph_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"
)

// meter remembers what was counted.
type meter struct {
	mu        sync.Mutex
	refusals  map[string]int
	activity  map[string]int
	mostAtOne map[string]int
	ran       map[string]int
}

func newMeter() *meter {
	return &meter{refusals: map[string]int{}, activity: map[string]int{}, mostAtOne: map[string]int{}, ran: map[string]int{}}
}

func (m *meter) Refused(reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refusals[reason]++
}

func (m *meter) Active(what string, delta int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.activity[what] += delta
	m.mostAtOne[what] = max(m.mostAtOne[what], m.activity[what])
}

func (m *meter) Ran(kind, root, code string, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ran[kind+" "+root+" "+code]++
}

func (m *meter) most(what string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mostAtOne[what]
}

func (m *meter) refused(reason string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refusals[reason]
}

// active is what is under way, without what is not.
func (m *meter) active() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	active := maps.Clone(m.activity)
	maps.DeleteFunc(active, func(_ string, n int) bool { return n == 0 })
	return active
}

// denied are the refusals in the audit log, oldest first.
func (a *api) denied(t *testing.T) []string {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), `SELECT actor_name, d->>'operation', d->>'code', d->>'count'
		FROM audit_events, LATERAL (SELECT convert_from(encoding, 'UTF8')::jsonb->'details') AS x (d) WHERE activity = 'ACCESS_DENIED' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var who, operation, reason, count string
		if err := rows.Scan(&who, &operation, &reason, &count); err != nil {
			t.Fatal(err)
		}
		found = append(found, fmt.Sprintf("%s: %s %s %s", who, operation, reason, count))
	}
	return found
}
