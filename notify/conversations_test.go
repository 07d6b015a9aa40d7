package notify

import (
	"slices"
	"testing"
	"time"
)

// Whoever reads first and subscribes then is told what changed in between.
func TestHubTellsWhatChangedAMomentAgo(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	witness, settings := hub.SubscribeConversations(t.Context(), []int64{1, 2}), hub.SubscribeSettings(t.Context())
	changed(t, pool, 2)
	receiveAll(t, witness, 2)
	send(t, pool, SettingsChannel, "7")
	receive(t, settings)
	hub.LookBack = time.Hour // longer than any test; the hub began to listen within it
	hub.conversations.recent.lostUntil, hub.settings.changed = time.Time{}, time.Now()
	late := hub.SubscribeConversations(t.Context(), []int64{1, 2, 3})
	receive(t, hub.SubscribeSettings(t.Context()))
	changed(t, pool, 1)
	receiveAll(t, late, 2)
	receiveAll(t, late, 1)
}

// What changed while the hub was not listening nobody knows: it may be anything.
func TestHubTellsEverythingAfterItBeganToListen(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	hub.LookBack = time.Hour
	startHub(t, hub)
	receiveAll(t, hub.SubscribeConversations(t.Context(), []int64{1, 2}), 1, 2)
	receive(t, hub.SubscribeSettings(t.Context()))
}

func TestRecentChanges(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	var r recentChanges
	for second, id := range []int64{1, 2, 1, 3} {
		r.note(id, at(second))
	}
	for _, row := range []struct {
		since int
		want  []int64
	}{{-1, []int64{1, 2}}, {0, []int64{2, 1}}, {1, []int64{1}}, {2, nil}, {9, nil}} {
		if got := r.since(at(row.since), []int64{2, 1, 4}); !slices.Equal(got, row.want) {
			t.Errorf("since second %d: %v, want %v", row.since, got, row.want)
		}
	}
	r.note(5, at(7)) // longer than lookBack after the first two
	if len(r.changes) != 3 || r.changes[0].at != at(2) {
		t.Errorf("kept: %v", r.changes)
	}
	for range keptChanges {
		r.note(6, at(8))
	}
	if got := r.since(at(6), []int64{7, 8}); len(r.changes) != keptChanges || !slices.Equal(got, []int64{7, 8}) {
		t.Errorf("%d changes are kept, and %v may have changed", len(r.changes), got)
	}
}
