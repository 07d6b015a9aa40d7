package db

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"qm-compliance/notify"
)

// Subscribers hear of committed changes only: one transaction notifies and is rolled back, another one commits.
func TestNotificationsComeWithTheCommit(t *testing.T) {
	t.Parallel()
	s, pool := newStoreAndPool(t)
	hub := notify.NewHub(pool, slog.New(slog.DiscardHandler))
	hub.LookBack = 0
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	select {
	case <-hub.Ready():
	case <-time.After(20 * time.Second):
		t.Fatal("the hub does not listen")
	}
	changed := hub.SubscribeConversations(t.Context(), []int64{1, 2})
	tx, err := s.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(notifyConversations(t.Context(), tx, []int64{1}), tx.Rollback()); err != nil {
		t.Fatal(err)
	}
	if err := notifyConversations(t.Context(), s.db, []int64{2}); err != nil {
		t.Fatal(err)
	}
	select {
	case id := <-changed:
		if id != 2 {
			t.Errorf("%d changed, want 2", id)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
}
