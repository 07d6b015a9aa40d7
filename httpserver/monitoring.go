package httpserver

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/uptrace/bun"

	"qm-compliance/migrations"
	"qm-compliance/notify"
)

// healthy answers /healthz: the process runs.
func healthy(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") }

const readyTimeout = 2 * time.Second

// ready answers /readyz: requests can be answered, since the database is there, its structure is current, and
// signIn reports that tokens can be checked.
func ready(database *bun.DB, signIn func(context.Context) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		pending, err := migrations.Pending(ctx, database)
		if err != nil || len(pending) > 0 {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		if !signIn(ctx) {
			http.Error(w, "not ready: the OpenID Connect provider has not answered yet", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
}

// metrics answers /metrics for Prometheus.
func metrics(database *bun.DB, hub *notify.Hub) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(database.DB, "postgres"),
		prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "qm_subscriptions", Help: "GraphQL subscriptions that are being served."},
			func() float64 { return float64(hub.Subscribers()) },
		),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
