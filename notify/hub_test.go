package notify

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"
)

func TestHubTellsWhatWasSubscribedTo(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	one := hub.SubscribeConversations(t.Context(), []int64{1, 2})
	two, settings := hub.SubscribeConversations(t.Context(), []int64{2}), hub.SubscribeSettings(t.Context())
	for _, id := range []int64{3, 1} {
		changed(t, pool, id)
	}
	receiveAll(t, one, 1)
	send(t, pool, ConversationChannel, "no id")
	changed(t, pool, 2)
	receiveAll(t, one, 2)
	receiveAll(t, two, 2)
	send(t, pool, ConversationChannel, "3,2,9223372036854775807,1")
	receiveAll(t, one, 1, 2)
	receiveAll(t, two, 2)
	send(t, pool, SettingsChannel, "7")
	receive(t, settings)
}

// endListening ends the one connection that listens. One that was ended before may be listed for another
// moment.
func endListening(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	const listening = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
	for count, tick := 0, time.Tick(10*time.Millisecond); count != 1; <-tick {
		if err := pool.QueryRow(t.Context(), "SELECT count(*) "+listening).Scan(&count); err != nil {
			t.Fatalf("%d listening connections, %v; want one", count, err)
		}
	}
	if _, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) "+listening); err != nil {
		t.Fatal(err)
	}
}

func TestHubConnectsAgain(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	told, settings := hub.SubscribeConversations(t.Context(), []int64{1, 2}), hub.SubscribeSettings(t.Context())
	for range 3 {
		endListening(t, pool)
		receiveAll(t, told, 1, 2)
		receive(t, settings)
		changed(t, pool, 2)
		receiveAll(t, told, 2)
	}
}

// secondPool is a pool on the same database whose first attempts to connect fail. It counts the attempts.
func secondPool(t *testing.T, pool *pgxpool.Pool, failures int64) (*pgxpool.Pool, *atomic.Int64) {
	t.Helper()
	config, attempts := pool.Config(), new(atomic.Int64)
	config.BeforeConnect = func(context.Context, *pgx.ConnConfig) error {
		if attempts.Add(1) <= failures {
			return errors.New("not yet")
		}
		return nil
	}
	second, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Close)
	return second, attempts
}

// TestHubWaitsForTheDatabase lets the first attempts to connect fail.
func TestHubWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	late, attempts := secondPool(t, pool, 3)
	hub := quickHub(late)
	early := hub.SubscribeConversations(t.Context(), []int64{1})
	startHub(t, hub)
	receiveAll(t, early, 1) // it may have changed before the hub listened
	changed(t, pool, 1)
	receiveAll(t, early, 1)
	if attempts.Load() < 4 {
		t.Errorf("%d attempts", attempts.Load())
	}
}

// TestHubTriesASilentConnection lets the hub try its connection all the time, and misses no notification over
// it.
func TestHubTriesASilentConnection(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	own, connections := secondPool(t, pool, 0)
	hub := quickHub(own)
	hub.heartbeat = time.Millisecond
	startHub(t, hub)
	ids := make([]int64, 200)
	for i := range ids {
		ids[i] = int64(i)
	}
	told := hub.SubscribeConversations(t.Context(), ids)
	for _, id := range ids {
		changed(t, pool, id)
	}
	receiveAll(t, told, ids...)
	if connections.Load() != 1 {
		t.Errorf("connected %d times; silence alone is no reason to connect again", connections.Load())
	}
}

// TestHubLeavesAServerThatHasBecomeReadOnly gives the hub a read-only session first: the changes are notified by
// another server then.
func TestHubLeavesAServerThatHasBecomeReadOnly(t *testing.T) {
	t.Parallel()
	config, sessions := connect(t).Config(), new(atomic.Int64)
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if sessions.Add(1) > 1 {
			return nil
		}
		_, err := conn.Exec(ctx, "SET default_transaction_read_only = on")
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	hub := quickHub(pool)
	hub.heartbeat = time.Millisecond
	startHub(t, hub)
	told := hub.SubscribeConversations(t.Context(), []int64{1})
	for deadline := time.After(patience); sessions.Load() < 2; {
		select {
		case <-told: // every connection wakes the subscribers
		case <-deadline:
			t.Fatal("the hub stays with the read-only server")
		}
	}
}

func TestSlowSubscriber(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	slow, settings := hub.SubscribeConversations(t.Context(), []int64{1, 2}), hub.SubscribeSettings(t.Context())
	fast := hub.SubscribeConversations(t.Context(), []int64{1, 2})
	for range 200 {
		changed(t, pool, 1)
		receiveAll(t, fast, 1)
		changed(t, pool, 2)
		receiveAll(t, fast, 2)
		send(t, pool, SettingsChannel, "1")
	}
	receive(t, settings)
	// 400 changes are told as few: the first id once more at most, if it was on its way already when it
	// changed again.
	if first := receive(t, slow); first != 1 {
		t.Errorf("%d came first, want 1", first)
	}
	if next := receive(t, slow); next == 1 {
		receiveAll(t, slow, 2)
	} else if next != 2 {
		t.Errorf("%d came, want 2", next)
	}
}

func TestSubscriptionEnds(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	ctx, cancel := context.WithCancel(t.Context())
	conversations, settings := hub.SubscribeConversations(ctx, []int64{1, 2}), hub.SubscribeSettings(ctx)
	hub.notifyAll()
	cancel()
	drained(t, conversations)
	drained(t, settings)
	if len(hub.conversations.byID) != 0 || len(hub.settings.channels) != 0 {
		t.Errorf("left behind: %v, %v", hub.conversations.byID, hub.settings.channels)
	}
	late := hub.SubscribeConversations(ctx, []int64{1})
	drained(t, late)
	drained(t, hub.SubscribeSettings(ctx))
}

func TestHubRunsOnce(t *testing.T) {
	t.Parallel()
	pool := connect(t)
	hub := quickHub(pool)
	startHub(t, hub)
	if err := hub.Run(t.Context()); err == nil {
		t.Error("the second Run is accepted")
	}
}

// TestHubLeavesNoGoroutine is not parallel, so that it sees its own goroutines only.
func TestHubLeavesNoGoroutine(t *testing.T) {
	pool := connect(t)
	hub := quickHub(pool)
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	receive(t, hub.Ready())
	for range 20 {
		hub.SubscribeConversations(ctx, []int64{1, 2})
		hub.SubscribeSettings(ctx)
	}
	changed(t, pool, 1)
	cancel()
	if err := receive(t, done); err != nil {
		t.Errorf("Run: %v", err)
	}
	goleak.VerifyNone(t, before)
}

func TestSubscriberKeepsWhatIsPending(t *testing.T) {
	t.Parallel()
	s := newConversationSubscriber([]int64{1, 2})
	for _, id := range []int64{2, 1, 2, 1, 2} {
		s.notify(id)
	}
	for _, want := range []int64{2, 1} {
		if id, found := s.take(); !found || id != want {
			t.Errorf("took %d, %v; want %d", id, found, want)
		}
	}
	if id, found := s.take(); found {
		t.Errorf("took %d once too often", id)
	}
	s.notify(2)
	if id, found := s.take(); !found || id != 2 {
		t.Errorf("a change after it was taken: %d, %v", id, found)
	}
}

// The delays of a hub grow from a tenth of a second to half a minute.
func TestTheHubWaitsLongerAndLonger(t *testing.T) {
	t.Parallel()
	retry := NewHub(nil, nil).retry
	middle := func() float64 { return 0.5 }
	for before, want := range []time.Duration{100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000} {
		if got := retry.Delay(before+1, middle); got != want*time.Millisecond {
			t.Errorf("after %d failures it waits %v, want %d ms", before+1, got, want)
		}
	}
}
