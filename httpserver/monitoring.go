package httpserver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"qm-compliance/db"
	"qm-compliance/migrations"
)

// monitoring answers what monitoring asks. These are questions, so no other methods are taken.
func (h *Handler) monitoring(withMetrics bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.Handle("GET /readyz", h.unlessDraining(ready(h.options.Probe, h.options.SignIn.ready)))
	if withMetrics {
		mux.Handle("GET /metrics", metrics(h.options, h.meter))
	}
	return mux
}

// unlessDraining answers 503 while the server drains.
func (h *Handler) unlessDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			http.Error(w, "the server is shutting down", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// healthy answers /healthz: the process runs.
func healthy(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") }

const readyTimeout = 2 * time.Second

// ready answers /readyz: requests can be answered, since the database is there, takes changes, and its
// structure is current, and signIn reports that tokens can be checked. It asks the database over the probe's
// connection, which no request occupies.
func ready(probe *db.Probe, signIn func(context.Context) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if reason := notReady(ctx, probe); reason != "" {
			http.Error(w, "not ready: "+reason, http.StatusServiceUnavailable)
			return
		}
		if !signIn(ctx) {
			http.Error(w, "not ready: the OpenID Connect provider has not responded yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
}

// notReady returns why requests cannot be answered now, "" where they can.
func notReady(ctx context.Context, probe *db.Probe) string {
	if err := probe.Writable(ctx); err != nil {
		return outageText(err)
	}
	pending, err := migrations.Pending(ctx, probe.Database())
	if err != nil {
		return outageText(err)
	}
	if len(pending) > 0 {
		return "the database lacks migrations"
	}
	return ""
}

// outageText says why the probe failed, and nothing of what PostgreSQL itself wrote.
func outageText(err error) string {
	if outage := db.Unavailable(err); outage != db.Available {
		return string(outage)
	}
	return "the database does not respond"
}
