package graph

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

type requestKey struct{}

// withRequestID gives each request an id of its own, by which the log finds what went wrong with it.
func withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := withNewRequestID(r.Context())
		w.Header().Set("X-Request-Id", requestID(ctx))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// withNewRequestID gives whatever is done in the context an id of its own; each operation of a WebSocket has one.
func withNewRequestID(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestKey{}, uuid.NewString())
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
