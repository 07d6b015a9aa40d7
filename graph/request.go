package graph

import (
	"context"
	"net/http"

	"github.com/google/uuid"
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
