package db

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
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

// However long the ids are, all of them arrive, in few notifications.
func TestManyChangesAreFewNotifications(t *testing.T) {
	t.Parallel()
	s, pool := newStoreAndPool(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "LISTEN "+notify.ConversationChannel); err != nil {
		t.Fatal(err)
	}
	var ids, heard []int64
	for n := range int64(1000) {
		ids = append(ids, math.MaxInt64-n)
	}
	err = s.inTx(t.Context(), func(ctx context.Context, tx transaction) error {
		return notifyConversations(ctx, tx, ids)
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		notification, err := conn.Conn().WaitForNotification(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.SplitSeq(notification.Payload, ",") {
			id, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			heard = append(heard, id)
		}
	}
	slices.Sort(ids)
	if slices.Sort(heard); !slices.Equal(heard, ids) {
		t.Errorf("%d of %d ids arrived: %v", len(heard), len(ids), heard)
	}
}
