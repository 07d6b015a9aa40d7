package graph

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

type requestKey struct{}

// WithRequestID gives each request an id of its own, by which the log finds what went wrong with it. A request
// that has one keeps it.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if RequestID(r.Context()) == "" {
			r = r.WithContext(withNewRequestID(r.Context()))
		}
		w.Header().Set("X-Request-Id", RequestID(r.Context()))
		next.ServeHTTP(w, r)
	})
}

// withNewRequestID gives whatever is done in the context an id of its own; each operation of a WebSocket has
// one.
func withNewRequestID(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestKey{}, uuid.NewString())
}

// RequestID is the id of the request that the context belongs to, "" if it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// redacted is what the log may hold of an error. What PostgreSQL says can repeat the values of a statement, so
// only the place and the code of such an error are kept.
func redacted(err error) string {
	var database *pgconn.PgError
	if errors.As(err, &database) {
		return "PostgreSQL error " + database.Code + " on table " + database.TableName +
			" constraint " + database.ConstraintName
	}
	return err.Error()
}
