package command

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"qm-compliance/db"
	"qm-compliance/postgres"
)

const (
	// stateLasts is how long what the database said is shown, so that often asking does not load it.
	stateLasts = 5 * time.Second
	// stateTimeout is how long the database may take to say it.
	stateTimeout = 3 * time.Second
)

// gauge is a number that is read when Prometheus asks.
type gauge struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func newGauge(name, help string, labels ...string) gauge {
	return gauge{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func newCounter(name, help string) gauge {
	return gauge{prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue}
}

func (g gauge) send(to chan<- prometheus.Metric, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(g.Desc, g.kind, value, labels...)
}

// installationMetrics shows the database, the connections to it, and what waits in it.
// Every server on one database shows the same of what waits in it.
type installationMetrics struct {
	probe *db.Probe
	pool  *pgxpool.Pool
	now   func() time.Time

	mu    sync.Mutex
	at    time.Time
	state db.State
	err   error

	up, connections, connectionsMost, waiting, waits, waited gauge
	outbox, outboxFailing, outboxAge                         gauge
	planned, plannedFailing, plannedAge, loose               gauge
	jobs, jobsLeft, jobsIdle                                 gauge
	bytes, auditEvents, auditedAt                            gauge
}

func newInstallationMetrics(app *app) *installationMetrics {
	return &installationMetrics{
		probe: app.probe, pool: app.pool, now: time.Now,
		up:              newGauge("qm_database_up", "1 where the database answers what is shown of it here, else 0."),
		connections:     newGauge("qm_database_connections", "Connections to the database, by state: in_use, idle.", "state"),
		connectionsMost: newGauge("qm_database_connections_most", "The largest number of connections."),
		waiting:         newGauge("qm_database_waiting", "Statements that wait for a connection."),
		waits:           newCounter("qm_database_waits_total", "Statements that had to wait for a connection."),
		waited:          newCounter("qm_database_wait_seconds_total", "How long statements waited for a connection, in all."),
		outbox:          newGauge("qm_outbox_requests", "Requests that the Interaction service has not taken."),
		outboxFailing:   newGauge("qm_outbox_failing", "Requests that the Interaction service has not taken and that were tried in vain."),
		outboxAge:       newGauge("qm_outbox_oldest_seconds", "How long the oldest of the requests has waited, 0 without any."),
		planned:         newGauge("qm_media_planned", "Media files that are planned for deletion."),
		plannedFailing:  newGauge("qm_media_failing", "Media files that the Delete tool could not delete, and that are still planned."),
		plannedAge:      newGauge("qm_media_planned_oldest_seconds", "How long ago the first of the planned files was planned, 0 without any."),
		loose:           newGauge("qm_media_loose", "Files that belong to no conversation and whose time to be removed has come."),
		jobs:            newGauge("qm_jobs", "Anonymization jobs that have not ended, by state: planning, running, paused.", "state"),
		jobsLeft:        newGauge("qm_jobs_conversations", "Conversations that running jobs have not dealt with."),
		jobsIdle:        newGauge("qm_jobs_idle_seconds", "How long ago a batch of a running job ended last, of the job where that is longest ago."),
		bytes:           newGauge("qm_database_bytes", "The size of the database."),
		auditEvents:     newGauge("qm_audit_events", "About how many events the audit log has, as the statistics of PostgreSQL know."),
		auditedAt:       newGauge("qm_audit_newest_timestamp_seconds", "The time of the newest event of the audit log."),
	}
}

// metrics are what /metrics shows besides what the server counts itself. Further work in the background adds its own
// collectors here.
func (a *app) metrics() []prometheus.Collector {
	return append(embeddedMetrics(a.server), newInstallationMetrics(a))
}

// embeddedMetrics show the embedded PostgreSQL, which is nil with --database-url. The server and the Delete tool both
// show it, because the one that notices first starts it again, and the other then sees nothing.
func embeddedMetrics(embedded *postgres.Server) []prometheus.Collector {
	if embedded == nil {
		return nil
	}
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "qm_postgres_running", Help: "1 where the embedded PostgreSQL runs, else 0.",
		}, func() float64 { return number(embedded.Running()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "qm_postgres_restarts_total",
			Help: "How often this process has started the embedded PostgreSQL again after it had ended.",
		}, func() float64 { return float64(embedded.Restarts()) }),
	}
}

// Describe is part of prometheus.Collector.
func (m *installationMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, each := range []gauge{
		m.up, m.connections, m.connectionsMost, m.waiting, m.waits, m.waited, m.outbox, m.outboxFailing, m.outboxAge,
		m.planned, m.plannedFailing, m.plannedAge, m.loose, m.jobs, m.jobsLeft, m.jobsIdle, m.bytes, m.auditEvents, m.auditedAt,
	} {
		to <- each.Desc
	}
}

// Collect is part of prometheus.Collector. Where the database does not answer, what it alone knows is left out.
func (m *installationMetrics) Collect(to chan<- prometheus.Metric) {
	pool := m.pool.Stat()
	m.connections.send(to, float64(pool.AcquiredConns()), "in_use")
	m.connections.send(to, float64(pool.IdleConns()), "idle")
	m.connectionsMost.send(to, float64(pool.MaxConns()))
	m.waiting.send(to, float64(db.Waiting(m.pool)))
	m.waits.send(to, float64(pool.EmptyAcquireCount()))
	m.waited.send(to, pool.EmptyAcquireWaitTime().Seconds())
	state, err := m.read()
	m.up.send(to, number(err == nil))
	if err != nil {
		return
	}
	m.outbox.send(to, float64(state.Outbox))
	m.outboxFailing.send(to, float64(state.OutboxFailing))
	m.outboxAge.send(to, state.OutboxAge.Seconds())
	m.planned.send(to, float64(state.Planned))
	m.plannedFailing.send(to, float64(state.PlannedFailing))
	m.plannedAge.send(to, state.PlannedAge.Seconds())
	m.loose.send(to, float64(state.LooseDue))
	m.jobs.send(to, float64(state.JobsPlanning), "planning")
	m.jobs.send(to, float64(state.JobsRunning), "running")
	m.jobs.send(to, float64(state.JobsPaused), "paused")
	m.jobsLeft.send(to, float64(state.JobsLeft))
	m.jobsIdle.send(to, state.JobsIdle.Seconds())
	m.bytes.send(to, float64(state.Bytes))
	m.auditEvents.send(to, float64(state.AuditEvents))
	if !state.AuditedAt.IsZero() {
		m.auditedAt.send(to, float64(state.AuditedAt.UnixMilli())/1000)
	}
}

// read asks the database, unless it has just been asked.
func (m *installationMetrics) read() (db.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now := m.now(); m.at.IsZero() || now.Sub(m.at) >= stateLasts {
		ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
		defer cancel()
		m.state, m.err = m.probe.State(ctx)
		m.at = m.now()
	}
	return m.state, m.err
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
