// Package httpserver serves the program over HTTP: the GraphQL API and its explorer, recordings, /import, the
// web console, and what monitoring asks. It mounts the handlers of other packages, gives each what it needs,
// and says who may reach it; listen.go opens the port and shuts down.
package httpserver

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/cors"
	"github.com/uptrace/bun"

	"qm-compliance/auth"
	"qm-compliance/coding"
	"qm-compliance/console"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/graph"
	"qm-compliance/graph/graphiql"
	"qm-compliance/graph/refusals"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/media/playback"
	"qm-compliance/notify"
	"qm-compliance/telemetry"
)

// Options are what the server is made of. The caller closes what it gives.
type Options struct {
	Store *db.Store
	// Database is the database of Store, whose structure and connections are watched.
	Database *bun.DB
	// Probe looks at Database for /readyz, over a connection of its own.
	Probe *db.Probe
	// Hub must be running for subscriptions to say anything.
	Hub   *notify.Hub
	Media *filestore.Files
	// Links makes and reads links to recordings.
	Links *playback.Links
	// Fetcher downloads the recordings that imported vCons refer to; nil downloads none.
	Fetcher *fetch.Fetcher
	SignIn  SignIn
	// Refusals must be running, so that what it counts is audited.
	Refusals *refusals.Log
	Limits   Limits
	Schema   Schema
	// Origins are the web origins whose pages may use the API, such as https://app.example, besides the server's
	// own. OriginsFor is how long browsers remember that.
	Origins    []string
	OriginsFor time.Duration
	// HSTS is how long browsers are to use https alone for this server; zero does not tell them to.
	HSTS time.Duration
	// Admin keeps /metrics from the public: it is served by Handler.Admin alone.
	Admin    bool
	Timeouts Timeouts
	// AuditViews has the audit log record who reads a conversation.
	AuditViews bool
	// PublicURL is where clients reach the server, without a slash at its end; empty makes links relative.
	PublicURL string
	// Redirect sends players to the file store itself, where it has links.
	Redirect bool
	// MediaOrigins are where the console may play recordings from, besides this server and PublicURL.
	MediaOrigins []string
	// TrustedProxies are where requests come from whose ids and traces are taken over.
	TrustedProxies []netip.Prefix
	// Version is that of the program; Metrics are shown at /metrics besides the server's own.
	Version string
	Metrics []prometheus.Collector
	// Tracer begins the spans of requests; nil begins none.
	Tracer *telemetry.Tracer
	Logger *slog.Logger
}

// Limits bound what one request may cost.
type Limits struct {
	GraphQL graph.Limits
	// ImportBytes is the largest body of /import, and ImportDuration how long one import may take.
	ImportBytes    int64
	ImportDuration time.Duration
	// Imports are those at once, ImportsEach those of one person. Zero means no limit.
	Imports, ImportsEach int
}

// Schema says who is shown the schema of the API, and which documents the API runs.
type Schema struct {
	Introspection graph.Introspection
	// Suggestions puts into errors which names the schema has instead of one that it lacks.
	Suggestions bool
	// GraphiQL serves the explorer.
	GraphiQL bool
	// TrustedDocuments are the only documents that the API runs; nil lets it run any.
	TrustedDocuments *graph.TrustedDocuments
	// PersistedQueries lets clients send the hash of a document that they have sent before.
	PersistedQueries bool
}

// Handler serves every route.
type Handler struct {
	options Options
	logger  *slog.Logger // of lines about requests
	meter   meter
	routes  http.Handler
	admin   http.Handler
	api     *graph.Handler
	// draining is whether the server is about to end, so that load balancers are to send no more requests.
	draining atomic.Bool
}

// NewHandler returns the handler of every route.
func NewHandler(o Options) *Handler {
	mux := http.NewServeMux()
	o.Logger = telemetry.WithFacts(o.Logger, graph.LogFacts)
	h := &Handler{options: o, logger: o.Logger, meter: newMeter()}
	h.api = graphQL(o, h.meter)
	if o.SignIn.onAccepted != nil {
		o.SignIn.onAccepted(h.api.Accepted)
	}
	h.admin = h.monitoring(true)
	h.routes = crossOrigin(o, mux)
	mux.Handle("/graphql", coding.Answers(h.api))
	if o.Schema.GraphiQL {
		explorer := graphiql.Handler(explorerConfig(o.SignIn))
		mux.Handle(graphiql.Path, explorer)
		mux.Handle(graphiql.Path+"/", explorer)
	}
	mux.Handle("/import", coding.Answers(importRoute(o, h.meter)))
	mux.Handle(playback.Prefix, recordings(o))
	public := h.monitoring(!o.Admin)
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, public)
	}
	mux.Handle("/", console.Handler(consoleConfig(o)))
	if o.SignIn.demo != nil {
		mux.Handle(auth.DemoTokenPath, o.SignIn.demo.Handler())
	}
	return h
}

// ServeHTTP serves a request of any route.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if age := h.options.HSTS; age > 0 {
		w.Header().Set("Strict-Transport-Security", fmt.Sprintf("max-age=%d", int64(age.Seconds())))
	}
	if h.fromProxy(r) {
		r = r.WithContext(h.identified(r))
	}
	graph.WithRequestID(http.HandlerFunc(h.serve)).ServeHTTP(w, r)
}

func graphQL(o Options, meter graph.Meter) *graph.Handler {
	return graph.NewHandler(graph.Options{
		Store: o.Store, Hub: o.Hub, Verify: o.SignIn.verify, Limits: o.Limits.GraphQL, Origins: o.Origins,
		Logger: o.Logger, Tracer: o.Tracer, Now: time.Now, Link: linker(o.Links, o.PublicURL), Refusals: o.Refusals, Meter: meter,
		Introspection: o.Schema.Introspection, Suggestions: o.Schema.Suggestions,
		TrustedDocuments: o.Schema.TrustedDocuments, PersistedQueries: o.Schema.PersistedQueries,
		Export: export.Exporter{Store: o.Store, Media: o.Media}.One, AuditViews: o.AuditViews,
	})
}

// crossOrigin lets the web apps of origins read the answers. Without origins, browsers keep to this server's
// own pages.
func crossOrigin(o Options, next http.Handler) http.Handler {
	if len(o.Origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: o.Origins,
		AllowedMethods: []string{http.MethodPost, http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{
			"Authorization", "Content-Type", "Accept", "Range", "If-Range", "If-None-Match",
			// What GraphQL clients send beside it; the server does not read it.
			"Apollographql-Client-Name", "Apollographql-Client-Version", "Apollo-Require-Preflight",
			"GraphQL-Require-Preflight", "X-Apollo-Operation-Name", "X-Apollo-Operation-Id",
		},
		ExposedHeaders: []string{
			"X-Request-Id", "Retry-After", "Accept-Ranges", "Content-Range", "Content-Length", "ETag",
		},
		MaxAge: int(o.OriginsFor.Seconds()),
	}).Handler(next)
}
