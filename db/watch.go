package db

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/telemetry"
)

// watcher looks at every statement of a pool: it makes the pool open new connections where a statement found the server to be
// read-only, since after a failover the old ones would stay with what was the primary for as long as they live; it
// counts those who wait for a connection; and it begins the spans of statements.
type watcher struct {
	pool    atomic.Pointer[pgxpool.Pool]
	last    atomic.Int64 // when it opened new connections last, in seconds
	waiting atomic.Int64
	// traced is whether statements have spans.
	traced bool
}

// Waiting returns how many wait for a connection of a pool that ConnectWith made.
func Waiting(pool *pgxpool.Pool) int {
	if w, ok := pool.Config().ConnConfig.Tracer.(*watcher); ok {
		return int(w.waiting.Load())
	}
	return 0
}

// TraceAcquireStart is part of pgxpool.AcquireTracer.
func (w *watcher) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	w.waiting.Add(1)
	return ctx
}

// TraceAcquireEnd is part of pgxpool.AcquireTracer.
func (w *watcher) TraceAcquireEnd(context.Context, *pgxpool.Pool, pgxpool.TraceAcquireEndData) {
	w.waiting.Add(-1)
}

// TraceQueryStart is part of pgx.QueryTracer.
func (w *watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if !w.traced {
		return ctx
	}
	ctx, span := telemetry.Start(ctx, "statement")
	if span.Recorded() {
		verb := verbOf(data.SQL)
		span.Name("statement " + verb)
		span.Word("db.system.name", "postgresql")
		span.Word("db.operation.name", verb)
	}
	return ctx
}

// TraceQueryEnd looks at how a statement ended.
func (w *watcher) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	w.look(data.Err)
	w.end(ctx, data.Err)
}

// TraceBatchStart is part of pgx.BatchTracer.
func (w *watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	if !w.traced {
		return ctx
	}
	ctx, span := telemetry.Start(ctx, "batch of statements")
	if span.Recorded() {
		span.Word("db.system.name", "postgresql")
		span.Number("db.operation.batch.size", data.Batch.Len())
	}
	return ctx
}

// TraceBatchQuery looks at how a statement of a batch ended.
func (w *watcher) TraceBatchQuery(_ context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	w.look(data.Err)
}

// TraceBatchEnd is part of pgx.BatchTracer.
func (w *watcher) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	w.end(ctx, data.Err)
}

// end ends the span of a statement. Of an error it takes the SQLSTATE alone.
func (w *watcher) end(ctx context.Context, err error) {
	if !w.traced {
		return
	}
	span := telemetry.Current(ctx)
	if code := RefusalCode(err); code != "" {
		span.Word("db.response.status_code", code)
		span.Failed(code)
	} else if err != nil {
		span.Failed("failed")
	}
	span.End()
}

// verbOf is what a statement does, as far as it is known; nothing else of it is shown, because bun writes
// arguments into it.
func verbOf(statement string) string {
	statement = strings.TrimLeft(statement, " \t\n(")
	for _, verb := range []string{
		"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "BEGIN", "COMMIT", "ROLLBACK", "SET", "LOCK", "LISTEN",
	} {
		if len(statement) >= len(verb) && strings.EqualFold(statement[:len(verb)], verb) {
			return verb
		}
	}
	return "other"
}

// look acts once a second at most, because a server that is meant to be read-only refuses every change.
func (w *watcher) look(err error) {
	if err == nil || Unavailable(err) != ReadOnly {
		return
	}
	now := time.Now().Unix()
	if last := w.last.Load(); last == now || !w.last.CompareAndSwap(last, now) {
		return
	}
	if pool := w.pool.Load(); pool != nil {
		pool.Reset()
	}
}
