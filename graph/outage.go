package graph

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"qm-compliance/db"
)

// isOutage tells an error that the database, or the way to it, is to blame for from one of this program: what
// was asked for can be asked for again later.
func isOutage(err error) bool {
	if isDeadConnection(err) {
		return true
	}
	var database *pgconn.PgError
	if !errors.As(err, &database) {
		return false
	}
	switch database.Code {
	case "25006", // the server takes no changes: it is a standby, or was made one
		"57014": // the server gave the statement up, by its statement_timeout
		return true
	}
	return strings.HasPrefix(database.Code, "53") // it lacks memory, room or connections
}

// isDeadConnection tells that the connection is gone, so that what was read over it can be read once more
// over another one.
func isDeadConnection(err error) bool {
	var database *pgconn.PgError
	if errors.As(err, &database) {
		return strings.HasPrefix(database.Code, "08") || strings.HasPrefix(database.Code, "57P0")
	}
	var refused *pgconn.ConnectError
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &refused) ||
		errors.As(err, &network) || pgconn.SafeToRetry(err)
}

type lostKey struct{}

// lost tells whoever runs an operation that a connection died meanwhile.
type lost struct{ connection atomic.Bool }

func noteLost(ctx context.Context, err error) {
	if l, ok := ctx.Value(lostKey{}).(*lost); ok && isDeadConnection(err) {
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
