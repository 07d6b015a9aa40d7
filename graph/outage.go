package graph

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"qm-compliance/db"
)

type lostKey struct{}

// lost tells whoever runs an operation that a connection died meanwhile.
type lost struct{ connection atomic.Bool }

func noteLost(ctx context.Context, err error) {
	if l, ok := ctx.Value(lostKey{}).(*lost); ok && db.Unavailable(err) == db.Gone {
		l.connection.Store(true)
	}
}

// outageLog says that the database is away once in a while, with the number of operations that failed,
// instead of once for each of them.
type outageLog struct {
	logger *slog.Logger
	now    func() time.Time

	mu    sync.Mutex
	next  time.Time
	count int
}

const outageEvery = 5 * time.Second

// failed takes an operation that failed. The error is that of the one after which it is said.
func (l *outageLog) failed(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	now := l.now()
	if now.Before(l.next) {
		return
	}
	l.logger.ErrorContext(ctx, "the database does not answer as it should",
		"failed", l.count, "request", RequestID(ctx), "error", described(err))
	l.count, l.next = 0, now.Add(outageEvery)
}

// described is what the log may hold of an error: what PostgreSQL says itself can repeat the values of a
// statement.
func described(err error) string { return cmp.Or(db.Explain(err), err.Error()) }
