package httpserver

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/notify"
)

// monitoring answers what monitoring asks. These are questions, so no other methods are taken.
func (h *Handler) monitoring(withMetrics bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.Handle("GET /readyz", h.unlessDraining(ready(h.options.Probe, h.options.SignIn.ready)))
	if withMetrics {
		mux.Handle("GET /metrics", metrics(h.options.Database, h.options.Hub, h.meter))
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
		meter.refused, meter.active, meter.ran, meter.requests,
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// meter counts for /metrics what the limits of the API do, and times what it answers. Its labels are words of
// the program, so that they are few, and no client can put anything into them.
type meter struct {
	refused  *prometheus.CounterVec
	active   *prometheus.GaugeVec
	ran      *prometheus.HistogramVec
	requests *prometheus.HistogramVec
}

func newMeter() meter {
	buckets := []float64{.001, .005, .01, .05, .1, .5, 1, 5, 30}
	return meter{
		refused: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "qm_refused_total", Help: "Requests that the API refused, by reason."},
			[]string{"reason"}),
		active: prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: "qm_active", Help: "Operations, sockets, subscriptions, imports in progress."},
			[]string{"what"}),
		ran: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qm_operation_seconds", Buckets: buckets,
			Help: "Queries and mutations by their root field (several: more than one) and the code of their first error.",
		}, []string{"field", "code"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qm_http_request_seconds", Buckets: buckets, Help: "HTTP requests by route and status.",
		}, []string{"route", "status"}),
	}
}

// Refused counts a refusal.
func (m meter) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Active adds to what is in progress.
func (m meter) Active(what string, delta int) { m.active.WithLabelValues(what).Add(float64(delta)) }

// Ran times an operation.
func (m meter) Ran(field, code string, took time.Duration) {
	m.ran.WithLabelValues(field, code).Observe(took.Seconds())
}

// answered times an HTTP request. A status of zero is that nobody waits for the answer any more.
func (m meter) answered(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
