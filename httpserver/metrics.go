package httpserver

import (
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"qm-compliance/importing"
)

// metrics answers /metrics for Prometheus: what the options have, and what the server counts itself.
func metrics(o Options, meter meter) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(o.Database.DB, "postgres"),
		BuildInfo(o.Version),
		prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "qm_subscriptions", Help: "GraphQL subscriptions that are being served."},
			func() float64 { return float64(o.Hub.Subscribers()) },
		),
		meter.refused, meter.active, meter.ran, meter.requests, meter.imported,
	)
	registry.MustRegister(o.Metrics...)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// BuildInfo is a gauge that is 1, with what the program was built from.
func BuildInfo(version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "qm_build_info", Help: "The version of the program, and of Go.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	}, func() float64 { return 1 })
}

// meter counts for /metrics what the limits of the API do, and times what it answers. Its labels are words of
// the program, so that they are few, and no client can put anything into them.
type meter struct {
	refused  *prometheus.CounterVec
	active   *prometheus.GaugeVec
	ran      *prometheus.HistogramVec
	requests *prometheus.HistogramVec
	imported *prometheus.CounterVec
}

func newMeter() meter {
	buckets := []float64{.001, .005, .01, .05, .1, .5, 1, 5, 30}
	m := meter{
		refused: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "qm_refused_total", Help: "Requests that the API refused, by reason."},
			[]string{"reason"}),
		active: prometheus.NewGaugeVec(
			prometheus.GaugeOpts{Name: "qm_active", Help: "Operations, sockets, subscriptions, imports in progress."},
			[]string{"what"}),
		ran: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qm_operation_seconds", Buckets: buckets,
			Help: "Queries and mutations by their root field (several: more than one) and the code of their first error.",
		}, []string{"kind", "field", "code"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "qm_http_request_seconds", Buckets: buckets, Help: "HTTP requests by route and status.",
		}, []string{"route", "status"}),
		imported: prometheus.NewCounterVec(
			prometheus.CounterOpts{Name: "qm_imported_total", Help: "Documents of imports over HTTP, by what became of them."},
			[]string{"outcome"}),
	}
	m.begin()
	return m
}

// begin shows at once what is zero, so that the first refusal is seen as an increase.
func (m meter) begin() {
	for _, reason := range []string{
		"unauthenticated", "provider", "forbidden", "document", "operation", "answer", "rate", "person", "overload",
		"sockets", "opening", "subscriptions", "imports",
	} {
		m.refused.WithLabelValues(reason)
	}
	for _, what := range []string{
		"operations", "waiting", "overload", "sockets", "opening", "subscriptions", "imports",
	} {
		m.active.WithLabelValues(what)
	}
	m.Imported(importing.Totals{})
}

// Refused counts a refusal.
func (m meter) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Active adds to what is in progress.
func (m meter) Active(what string, delta int) { m.active.WithLabelValues(what).Add(float64(delta)) }

// Ran times an operation.
func (m meter) Ran(kind, field, code string, took time.Duration) {
	m.ran.WithLabelValues(kind, field, code).Observe(took.Seconds())
}

// Imported counts the documents of an import.
func (m meter) Imported(totals importing.Totals) {
	for outcome, count := range map[string]int{
		"added": totals.Added, "updated": totals.Updated, "unchanged": totals.Unchanged, "refused": totals.Refused,
	} {
		m.imported.WithLabelValues(outcome).Add(float64(count))
	}
}

// answered times an HTTP request. A status of zero is that nobody waits for the answer any more.
func (m meter) answered(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
