package db

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/conversation"
)

// accesses counts the events of playing and reading.
func accesses(t *testing.T, s *Store) map[audit.Activity]int {
	t.Helper()
	var rows []struct {
		Activity audit.Activity
		Count    int
	}
	const query = `SELECT activity, count(*) FROM audit_events
		WHERE activity IN ('MEDIA_PLAYED', 'CONVERSATION_VIEWED') GROUP BY 1`
	if err := s.db.NewRaw(query).Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	counts := map[audit.Activity]int{}
	for _, row := range rows {
		counts[row.Activity] = row.Count
	}
	return counts
}

// played is the recording of the first conversation.
func played() *conversation.MediaFile { return &conversation.MediaFile{ID: 1, ConversationID: 1} }

// A link is recorded once, however many requests for it come at once, to whichever server.
func TestALinkIsRecordedOnce(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	mustImport(t, c.Store, sample(1))
	other, err := New(t.Context(), c.db, c.now)
	if err != nil {
		t.Fatal(err)
	}
	file := played()
	for round, link := range []string{"a", "b"} {
		var all sync.WaitGroup
		failed := make(chan error, 20)
		for n := range cap(failed) {
			all.Go(func() {
				server := []*Store{c.Store, other}[n%2]
				failed <- server.RecordPlayback(t.Context(), deed(), file, link, c.at.Add(time.Minute))
			})
		}
		all.Wait()
		close(failed)
		for err := range failed {
			if err != nil {
				t.Error(err)
			}
		}
		if got := accesses(t, c.Store)[audit.MediaPlayed]; got != round+1 {
			t.Errorf("%d events for %d links", got, round+1)
		}
	}
}

// Whichever statement fails, the key and the event come together or not at all: asked again, the event is there
// once.
func TestRecordingOnceHappensEntirelyOrNotAtAll(t *testing.T) {
	t.Parallel()
	broken, sound, fault := newFaultyStore(t)
	mustImport(t, sound, sample(1))
	for at := int64(1); ; at++ {
		if at > 20 {
			t.Fatal("it never succeeds")
		}
		link := fmt.Sprint("link ", at)
		play := func() error {
			return broken.RecordPlayback(t.Context(), deed(), played(), link, testNow.Add(time.Minute))
		}
		before := accesses(t, sound)[audit.MediaPlayed]
		fault.asked.Store(0)
		fault.failAt.Store(at)
		err := play()
		fault.failAt.Store(0)
		if now := accesses(t, sound)[audit.MediaPlayed]; err != nil && now != before {
			t.Errorf("failed at %d: %d events, %v", at, now-before, err)
		}
		if err := play(); err != nil {
			t.Fatal(err)
		}
		if now := accesses(t, sound)[audit.MediaPlayed]; now != before+1 {
			t.Errorf("failed at %d, then repeated: %d events", at, now-before)
		}
		if err == nil {
			if at < 7 {
				t.Errorf("only %d steps failed; the test does not reach all of them", at-1)
			}
			return
		}
		if !isFault(err) {
			t.Fatal(err)
		}
	}
}

// Reading is recorded once a person, conversation and minute.
func TestViewsAreRecordedOnceAMinute(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	c.at = c.at.Truncate(time.Minute)
	mustImport(t, c.Store, sample(1), mixed(2, 0, 0))
	ann, bob := audit.Actor{ID: "ann", Name: "Ann"}, audit.Actor{ID: "bob", Name: "Bob"}
	for n, view := range []struct {
		actor audit.Actor
		id    int64
		later time.Duration
		want  int
	}{
		{ann, 1, 0, 1}, {ann, 1, 0, 1}, {ann, 2, 0, 2}, {bob, 1, 0, 3}, {ann, 1, 59 * time.Second, 3},
		{ann, 1, time.Second, 4}, {bob, 1, 0, 5}, {ann, 1, 30 * time.Second, 5},
	} {
		c.at = c.at.Add(view.later)
		if err := c.RecordView(t.Context(), audit.Begin(view.actor, audit.ConversationViewed), view.id); err != nil {
			t.Fatal(err)
		}
		if got := accesses(t, c.Store)[audit.ConversationViewed]; got != view.want {
			t.Errorf("step %d: %d events, want %d", n, got, view.want)
		}
	}
}

// What has served is deleted by what comes later, so that the table stays as small as what is under way.
func TestKeysThatHaveServedGo(t *testing.T) {
	t.Parallel()
	c := newClocked(t)
	mustImport(t, c.Store, sample(1))
	var kept []int
	for range 5 {
		for n := range 20 {
			link := fmt.Sprint(c.at, n)
			if err := c.RecordPlayback(t.Context(), deed(), played(), link, c.at.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		c.at = c.at.Add(time.Hour)
		count, err := c.db.NewSelect().Table("audited_once").Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, int(count))
	}
	if slices.Max(kept) > 20 {
		t.Errorf("%v keys are kept", kept)
	}
}
