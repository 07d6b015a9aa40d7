package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The Delete tool goes on until it is told to stop; then it ends well, with a summary of each pass.
func TestDeleteMediaWatches(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlanned(t, 1)
			w := p.watch(t, "delete-media", "--watch", "20ms")
			w.await(t, "1 media files deleted")
			p.take(t, strings.Replace(tripOne, "$", "7", 2))
			p.anonymizeAll(t)
			w.await(t, "1 media files deleted")
			if status := w.stop(t, signal); status != 0 {
				t.Errorf("it ended with %d", status)
			}
			p.want(t, 0, 2)
		})
	}
}

// A pass that fails is told at once, also the first one, and the tool goes on.
func TestDeleteMediaWatchesAStoreThatIsGone(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	marker := filepath.Join(p.flags.MediaURL, ".media-store")
	id, err := os.ReadFile(marker)
	if err != nil {
		t.Fatal(err)
	}
	w := p.watch(t, "delete-media", "--watch", "1h", "--media-url", goneStore)
	w.await(t, "the media store is unavailable")
	if status := w.stop(t, os.Interrupt); status != 0 {
		t.Errorf("it ended with %d", status)
	}
	w = p.watch(t, "delete-media", "--watch", "20ms")
	w.await(t, "1 media files deleted")
	if err := os.Remove(marker); err != nil {
		t.Fatal(err)
	}
	w.await(t, "is the disk mounted?")
	if err := os.WriteFile(marker, id, 0o600); err != nil {
		t.Fatal(err)
	}
	w.await(t, "0 media files deleted")
	if status := w.stop(t, syscall.SIGTERM); status != 0 {
		t.Errorf("it ended with %d", status)
	}
}

// Told to stop in the middle of a pass, it leaves what it has not done, and says what it has.
func TestDeleteMediaIsInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 3)
	held, err := p.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback(context.Background()) }()
	const lock = "SELECT FROM conversations WHERE id = (SELECT max(id) FROM conversations) FOR UPDATE"
	if _, err := held.Exec(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	for arguments, status := range map[string]int{"delete-media --verbose": 1, "delete-media --verbose --watch 1h": 0} {
		_, before := p.statuses(t)
		w := p.watch(t, strings.Fields(arguments)...)
		for range 2 - before {
			w.await(t, "deleted media file")
		}
		w.awaitWaiting(t, p)
		if got := w.stop(t, os.Interrupt); got != status {
			t.Errorf("%s ended with %d", arguments, got)
		}
		if before == 0 {
			w.await(t, "2 media files deleted (20 bytes)")
		}
		p.want(t, 1, 2)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := p.run(t, "", "delete-media"); got.status != 0 {
		t.Error(got)
	}
	p.want(t, 0, 3)
}

// awaitWaiting waits until somebody waits for the lock that the test holds.
func (w *watched) awaitWaiting(t *testing.T, p *installation) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	const waiting = `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for tick := time.Tick(10 * time.Millisecond); ; {
		if p.count(t, waiting) > 0 {
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatal("nobody waits")
		}
	}
}
