package notify

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// heartbeat is how long the connection may be silent before it is tested: a dead network path reports
	// nothing.
	heartbeat        = 30 * time.Second
	heartbeatTimeout = 10 * time.Second
)

var errReadOnly = errors.New("the server is read-only")

// listener is a connection that receives notifications and does nothing else.
type listener struct {
	conn *pgx.Conn
}

// openListener takes a connection out of the pool permanently, so that it occupies none of the pool's places,
// and listens on every channel.
func openListener(ctx context.Context, pool *pgxpool.Pool) (*listener, error) {
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	l := &listener{conn: pooled.Hijack()}
	for _, channel := range []string{ConversationChannel, SettingsChannel, JobChannel} {
		if _, err := l.conn.Exec(ctx, "LISTEN "+channel); err != nil {
			l.close(ctx)
			return nil, err
		}
	}
	return l, nil
}

// next waits for a notification without a limit. After each heartbeat of silence it checks that the connection
// still works, and that the server at its other end is still the one that takes changes.
func (l *listener) next(ctx context.Context, heartbeat time.Duration) (*pgconn.Notification, error) {
	for {
		notification, err := l.wait(ctx, heartbeat)
		if err == nil || ctx.Err() != nil || !pgconn.Timeout(err) {
			return notification, err
		}
		if err := l.check(ctx); err != nil {
			return nil, err
		}
	}
}

func (l *listener) wait(ctx context.Context, heartbeat time.Duration) (*pgconn.Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return l.conn.WaitForNotification(ctx)
}

// check fails on a dead connection, and on one to a server that has become read-only: changes happen, and are
// notified, elsewhere.
func (l *listener) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	const query = "SELECT current_setting('transaction_read_only')::boolean OR pg_is_in_recovery()"
	var readOnly bool
	if err := l.conn.QueryRow(ctx, query).Scan(&readOnly); err != nil {
		return err
	}
	if readOnly {
		return errReadOnly
	}
	return nil
}

// close ends the session at the server even when ctx has ended, but waits no longer than heartbeatTimeout for
// it.
func (l *listener) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeatTimeout)
	defer cancel()
	_ = l.conn.Close(ctx)
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
