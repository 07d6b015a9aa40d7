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
func metrics(database *bun.DB, hub *notify.Hub, meter meter) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(database.DB, "postgres"),
		prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "qm_subscriptions", Help: "GraphQL subscriptions that are being served."},
			func() float64 { return float64(hub.Subscribers()) },
		),
		meter.refused, meter.active,
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// meter counts for /metrics what the limits of the API do.
type meter struct {
	refused *prometheus.CounterVec
	active  *prometheus.GaugeVec
}

func newMeter() meter {
	return meter{
		refused: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "qm_refused_total", Help: "Requests that the API refused, by reason."},
			[]string{"reason"}),
		active: prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: "qm_active", Help: "Operations, sockets and subscriptions in progress."},
			[]string{"what"}),
	}
}

// Refused counts a refusal.
func (m meter) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Active adds to what is in progress.
func (m meter) Active(what string, delta int) { m.active.WithLabelValues(what).Add(float64(delta)) }
