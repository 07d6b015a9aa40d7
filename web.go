package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/cors"

	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/graph"
	"qm-compliance/graph/graphiql"
	"qm-compliance/graph/refusals"
	"qm-compliance/intake"
	"qm-compliance/media/fetch"
	"qm-compliance/media/playback"
	"qm-compliance/migrations"
	"qm-compliance/vcon"
)

// site is everything that is served over HTTP.
type site struct {
	database *database
	store    *db.Store
	hub      *db.Hub
	// refusals audits who was refused; it runs beside the handler.
	refusals *refusals.Log
	verify   func(ctx context.Context, token string) (*auth.Viewer, error)
	limits   graph.Limits
	schema   schemaFlags
	// trusted are the only documents that the API runs; nil where it runs any.
	trusted *graph.TrustedDocuments
	origins []string
	// demo signs the demo's people in; nil elsewhere.
	demo *auth.DemoIssuer
	// oidc signs people in to the console; nil in the demo. mediaOrigins are where players are sent to by redirect.
	oidc         *console.OIDC
	mediaOrigins []string
	importBytes  int64
	links        *playback.Links
	// publicURL is where clients reach this server, empty where links are relative to it. redirect sends players to the file store itself.
	publicURL string
	redirect  bool
	fetch     *fetch.Fetcher
	logger    *slog.Logger
}

func (s site) handler() http.Handler {
	mux := http.NewServeMux()
	meter := newMeter()
	mux.Handle("/graphql", s.graphql(meter))
	if s.schema.GraphiQL {
		explorer := graphiql.Handler(s.explorer())
		mux.Handle(graphiql.Path, explorer)
		mux.Handle(graphiql.Path+"/", explorer)
	}
	mux.Handle("/import", s.importRoute())
	mux.Handle(playback.Prefix, s.media())
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", s.ready)
	mux.Handle("/metrics", s.metrics(meter))
	mux.Handle("/", console.Handler(s.console()))
	if s.demo != nil {
		mux.Handle(auth.DemoTokenPath, s.demo.Handler())
	}
	return s.crossOrigin(mux)
}

func (s site) graphql(meter graph.Meter) http.Handler {
	return graph.NewHandler(graph.Options{
		Store: s.store, Hub: s.hub, Verify: s.verify, Limits: s.limits, Origins: s.origins, Logger: s.logger, Now: time.Now,
		Refusals: s.refusals, Meter: meter, Introspection: graph.Introspection(s.schema.Introspection), Suggestions: s.schema.Suggestions,
		TrustedDocuments: s.trusted, PersistedQueries: s.schema.Persisted,
		Link: s.link, Export: export.Exporter{Store: s.store, Media: s.database.media}.One,
	})
}

func (s site) explorer() graphiql.Config {
	config := graphiql.Config{Endpoint: "/graphql"}
	if s.demo == nil {
		return config
	}
	config.TokenURL = auth.DemoTokenPath
	for _, person := range auth.DemoPeople() {
		config.People = append(config.People, graphiql.Person{Key: person.Key, Name: person.Name, Title: person.Title})
	}
	return config
}

// console is how people sign in to the console, and where it plays recordings from.
func (s site) console() console.Config {
	config := console.Config{OIDC: s.oidc, MediaOrigins: append([]string{s.publicURL}, s.mediaOrigins...)}
	if s.demo == nil {
		return config
	}
	config.Demo = &console.Demo{TokenURL: auth.DemoTokenPath}
	for _, person := range auth.DemoPeople() {
		config.Demo.People = append(config.Demo.People, console.Person{Key: person.Key, Name: person.Name, Title: person.Title})
	}
	return config
}

// importRoute admits those who may import; whoever may not is refused and the refusal audited, as it would be for a mutation.
func (s site) importRoute() http.Handler {
	take := intake.Handler(intake.Options{Config: intake.Config{Store: s.store, Media: s.database.media, Fetch: s.fetch}, Vcon: vcon.Options{}, Logger: s.logger, MaxBytes: s.importBytes})
	refused := func(r *http.Request, viewer *auth.Viewer, code string) {
		if viewer == nil {
			s.refusals.Nobody(r, "import")
			return
		}
		s.refusals.Person(r.Context(), viewer, "import", code)
	}
	return auth.Middleware(s.verify)(auth.Require(auth.RoleAddCall, refused, take))
}

// crossOrigin lets the web apps of the named origins read what is answered to them; without any, browsers keep to this server's own pages.
func (s site) crossOrigin(next http.Handler) http.Handler {
	if len(s.origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: s.origins, AllowedMethods: []string{http.MethodPost, http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept", "Range", "If-Range", "If-None-Match"},
		ExposedHeaders: []string{"X-Request-Id", "Accept-Ranges", "Content-Range", "Content-Length", "ETag"},
	}).Handler(next)
}

const readyTimeout = 2 * time.Second

// ready says whether requests can be answered: the database is there, and its structure current.
func (s site) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	pending, err := migrations.Pending(ctx, s.database.bun)
	if err != nil || len(pending) > 0 {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}

func (s site) metrics(meter meter) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(s.database.bun.DB, "postgres"),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "qm_subscriptions", Help: "GraphQL subscriptions that are being served."},
			func() float64 { return float64(s.hub.Subscribers()) }),
		meter.refused, meter.active)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// meter counts for /metrics what the limits of the API do.
type meter struct {
	refused *prometheus.CounterVec
	active  *prometheus.GaugeVec
}

func newMeter() meter {
	return meter{
		prometheus.NewCounterVec(prometheus.CounterOpts{Name: "qm_refused_total", Help: "What the API refused, by the reason."}, []string{"reason"}),
		prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "qm_active", Help: "What the API has under way."}, []string{"what"}),
	}
}

// Refused counts a refusal.
func (m meter) Refused(reason string) { m.refused.WithLabelValues(reason).Inc() }

// Active adds to what is under way.
func (m meter) Active(what string, delta int) { m.active.WithLabelValues(what).Add(float64(delta)) }
