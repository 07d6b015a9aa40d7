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
	rolledBack := errors.New("rolled back")
	err := s.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
		return errors.Join(rolledBack, notifyConversations(ctx, tx, []int64{1}))
	})
	if err == nil || err.Error() != rolledBack.Error() {
		t.Fatal(err)
	}
	err = s.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
		return notifyConversations(ctx, tx, []int64{2})
	})
	if err != nil {
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
