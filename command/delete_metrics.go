package command

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"qm-compliance/httpserver"
	"qm-compliance/media/deletion"
	"qm-compliance/postgres"
)

// deletionMetrics counts what a Delete tool does that keeps running.
type deletionMetrics struct {
	files, passes *prometheus.CounterVec
	bytes         prometheus.Counter
	last          prometheus.Gauge
	embedded      []prometheus.Collector
}

func newDeletionMetrics(embedded *postgres.Server) *deletionMetrics {
	m := &deletionMetrics{
		embedded: embeddedMetrics(embedded),
		files: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "qm_deletion_files_total", Help: "Media files that the Delete tool looked at, by outcome.",
		}, []string{"outcome"}),
		passes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "qm_deletion_passes_total", Help: "Passes of the Delete tool, by result: done, failed.",
		}, []string{"result"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "qm_deletion_bytes_total", Help: "Bytes of the media files that the Delete tool deleted.",
		}),
		last: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "qm_deletion_last_pass_timestamp_seconds", Help: "When the last pass ended that was not broken off.",
		}),
	}
	m.passes.WithLabelValues("done")
	m.passes.WithLabelValues("failed")
	for _, outcome := range []deletion.Outcome{deletion.Deleted, deletion.Failed, deletion.Waiting, deletion.Skipped} {
		m.count(outcome, 0)
	}
	return m
}

func (m *deletionMetrics) count(outcome deletion.Outcome, files int) {
	m.files.WithLabelValues(strings.ToLower(string(outcome))).Add(float64(files))
}

// passed counts a pass, broken off or not.
func (m *deletionMetrics) passed(summary deletion.Summary, err error) {
	for outcome, files := range summary.Files {
		m.count(outcome, files)
	}
	m.bytes.Add(float64(summary.Bytes))
	if err != nil {
		m.passes.WithLabelValues("failed").Inc()
		return
	}
	m.passes.WithLabelValues("done").Inc()
	m.last.SetToCurrentTime()
}

// handler answers /metrics, and /healthz while the tool runs.
func (m *deletionMetrics) handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		httpserver.BuildInfo(ownVersion()), m.files, m.passes, m.bytes, m.last)
	registry.MustRegister(m.embedded...)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	return mux
}

// serve answers monitoring until ctx ends.
func (m *deletionMetrics) serve(ctx context.Context, listener net.Listener, logger *slog.Logger) error {
	const patience = 10 * time.Second
	server := &http.Server{
		Handler: m.handler(), ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: time.Minute,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}
