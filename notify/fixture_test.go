package notify

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/backoff"
	"qm-compliance/postgres/postgrestest"
)

// The hub needs no table: the tests' databases are empty.
func TestMain(m *testing.M) {
	postgrestest.Main(m, func(context.Context, string) error { return nil })
}

// patience is how long a test waits for what happens at once unless something is broken.
const patience = 20 * time.Second

// startHub runs a hub that listens, until the test ends.
func startHub(t *testing.T, hub *Hub) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := receive(t, done); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	receive(t, hub.Ready())
}

func quickHub(pool *pgxpool.Pool) *Hub {
	hub := NewHub(pool, slog.New(slog.DiscardHandler))
	hub.LookBack = 0
	hub.retry = backoff.Exponential{First: time.Millisecond, Longest: 10 * time.Millisecond}
	return hub
}

func receive[T any](t *testing.T, channel <-chan T) T {
	t.Helper()
	select {
	case value := <-channel:
		return value
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	panic("unreachable")
}

// receiveAll waits until each of the ids came, and fails for any other.
func receiveAll(t *testing.T, channel <-chan int64, ids ...int64) {
	t.Helper()
	missing := map[int64]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	for len(missing) > 0 {
		id := receive(t, channel)
		if !missing[id] {
			t.Fatalf("%d came, want one of %v", id, missing)
		}
		delete(missing, id)
	}
}

// drained waits until a channel is closed.
func drained[T any](t *testing.T, channel <-chan T) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case _, open := <-channel:
			if !open {
				return
			}
		case <-deadline:
			t.Fatal("the channel is not closed")
		}
	}
}

// connect returns a pool on an empty database of its own.
func connect(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), postgrestest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// send notifies a channel as a transaction of its own.
func send(t *testing.T, pool *pgxpool.Pool, channel, payload string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), "SELECT pg_notify($1, $2)", channel, payload); err != nil {
		t.Fatal(err)
	}
}

// changed notifies that a conversation changed.
func changed(t *testing.T, pool *pgxpool.Pool, id int64) {
	t.Helper()
	send(t, pool, ConversationChannel, strconv.FormatInt(id, 10))
}
