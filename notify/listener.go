package notify

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
	// heartbeat is how long the connection may be silent before it is tested: a dead network path reports
	// nothing.
	heartbeat        = 30 * time.Second
	heartbeatTimeout = 10 * time.Second
)

// listener is a connection that receives notifications and does nothing else.
type listener struct {
	conn *pgx.Conn
}

// openListener takes a connection out of the pool for good, so that it occupies none of the pool's places,
// and listens on both channels.
func openListener(ctx context.Context, pool *pgxpool.Pool) (*listener, error) {
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	l := &listener{conn: pooled.Hijack()}
	for _, channel := range []string{ConversationChannel, SettingsChannel} {
		if _, err := l.conn.Exec(ctx, "LISTEN "+channel); err != nil {
			l.close(ctx)
			return nil, err
		}
	}
	return l, nil
}

// next waits for a notification without a limit. After each heartbeat of silence it tests that the connection
// still works.
func (l *listener) next(ctx context.Context, heartbeat time.Duration) (*pgconn.Notification, error) {
	for {
		notification, err := l.wait(ctx, heartbeat)
		if err == nil || ctx.Err() != nil || !pgconn.Timeout(err) {
			return notification, err
		}
		if err := l.ping(ctx); err != nil {
			return nil, err
		}
	}
}

func (l *listener) wait(ctx context.Context, heartbeat time.Duration) (*pgconn.Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return l.conn.WaitForNotification(ctx)
}

func (l *listener) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	return l.conn.Ping(ctx)
}

// close ends the session at the server even when ctx has ended, but waits no longer than heartbeatTimeout for
// it.
func (l *listener) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeatTimeout)
	defer cancel()
	_ = l.conn.Close(ctx)
}

// backoff is a delay that grows from first to last.
type backoff struct {
	first, last, current time.Duration
}

// next doubles the delay and returns a random time between half of it and all of it, so that many replicas do
// not reconnect in the same instant.
func (b *backoff) next() time.Duration {
	b.current = min(max(b.first, 2*b.current), b.last)
	return b.current/2 + rand.N(b.current/2+1)
}

// pause reports whether the whole delay passed before ctx ended.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
