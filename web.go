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
	"qm-compliance/importing"
	"qm-compliance/media/fetch"
	"qm-compliance/media/playback"
	"qm-compliance/migrations"
)

// site is everything that is served over HTTP.
type site struct {
	database *database
	store    *db.Store
	hub      *db.Hub
	verify   func(ctx context.Context, token string) (*auth.Viewer, error)
	limits   graph.Limits
	origins  []string
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
	mux.Handle("/graphql", s.graphql())
	explorer := graphiql.Handler(s.explorer())
	mux.Handle(graphiql.Path, explorer)
	mux.Handle(graphiql.Path+"/", explorer)
	mux.Handle("/import", s.importRoute())
	mux.Handle(playback.Prefix, s.media())
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", s.ready)
	mux.Handle("/metrics", s.metrics())
	mux.Handle("/", console.Handler(s.console()))
	if s.demo != nil {
		mux.Handle(auth.DemoTokenPath, s.demo.Handler())
	}
	return s.crossOrigin(mux)
}

func (s site) graphql() http.Handler {
	return graph.NewHandler(graph.Options{
		Store: s.store, Hub: s.hub, Verify: s.verify, Limits: s.limits, Origins: s.origins, Logger: s.logger, Now: time.Now,
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
	take := importing.Handler(importing.Options{Config: importing.Config{Store: s.store, Media: s.database.media, Fetch: s.fetch}, Logger: s.logger, MaxBytes: s.importBytes})
	refused := func(r *http.Request, viewer *auth.Viewer, code string) {
		actor := db.Actor{Name: "not signed in"}
		if viewer != nil {
			actor = db.Actor{ID: viewer.Subject, Name: viewer.Name}
		}
		event := db.AuditEvent{Activity: db.AccessDenied, Result: db.Failure, Details: db.AuditDetails{Operation: "import", Reason: code}}
		if err := s.store.Record(r.Context(), actor, event); err != nil {
			s.logger.ErrorContext(r.Context(), "a refusal could not be audited", "sqlstate", db.RefusalCode(err))
		}
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

func (s site) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(s.database.bun.DB, "postgres"),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "qm_subscriptions", Help: "GraphQL subscriptions that are being served."},
			func() float64 { return float64(s.hub.Subscribers()) }))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
