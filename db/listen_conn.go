package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// listener is a connection of its own that hears what transactions notify.
type listener struct {
	conn *pgx.Conn
}

// openListener takes a connection out of the pool for good, so that it uses up none of the pool's places, and listens on it.
func openListener(ctx context.Context, pool *pgxpool.Pool) (*listener, error) {
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	l := &listener{conn: pooled.Hijack()}
	for _, channel := range []string{conversationChannel, settingsChannel} {
		if _, err := l.conn.Exec(ctx, "LISTEN "+channel); err != nil {
			l.close(ctx)
			return nil, err
		}
	}
	return l, nil
}

// next waits for a notification, however long that takes; after each heartbeat of silence it tries whether the connection still lives.
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

// close says goodbye to the server even where ctx has ended, but waits for it no longer than for a heartbeat.
func (l *listener) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), heartbeatTimeout)
	defer cancel()
	_ = l.conn.Close(ctx)
}
