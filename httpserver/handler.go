// Package httpserver serves the program over HTTP: the GraphQL API and its explorer, recordings, /import, the
// web console, and what monitoring asks. It mounts the handlers of other packages, gives each what it needs,
// and says who may reach it; listen.go opens the port and shuts down.
package httpserver

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/rs/cors"
	"github.com/uptrace/bun"

	"qm-compliance/auth"
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
	// own.
	Origins []string
	// PublicURL is where clients reach the server, without a slash at its end; empty makes links relative.
	PublicURL string
	// Redirect sends players to the file store itself, where it has links.
	Redirect bool
	// MediaOrigins are where the console may play recordings from, besides this server and PublicURL.
	MediaOrigins []string
	Logger       *slog.Logger
}

// Limits bound what one request may cost.
type Limits struct {
	GraphQL graph.Limits
	// ImportBytes is the largest body of /import.
	ImportBytes int64
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

// NewHandler returns the handler of every route.
func NewHandler(o Options) http.Handler {
	mux := http.NewServeMux()
	meter := newMeter()
	mux.Handle("/graphql", graphQL(o, meter))
	if o.Schema.GraphiQL {
		explorer := graphiql.Handler(explorerConfig(o.SignIn))
		mux.Handle(graphiql.Path, explorer)
		mux.Handle(graphiql.Path+"/", explorer)
	}
	mux.Handle("/import", importRoute(o))
	mux.Handle(playback.Prefix, recordings(o))
	mux.HandleFunc("/healthz", healthy)
	mux.Handle("/readyz", ready(o.Probe, o.SignIn.ready))
	mux.Handle("/metrics", metrics(o.Database, o.Hub, meter))
	mux.Handle("/", console.Handler(consoleConfig(o)))
	if o.SignIn.demo != nil {
		mux.Handle(auth.DemoTokenPath, o.SignIn.demo.Handler())
	}
	return crossOrigin(o.Origins, mux)
}

func graphQL(o Options, meter graph.Meter) http.Handler {
	return graph.NewHandler(graph.Options{
		Store: o.Store, Hub: o.Hub, Verify: o.SignIn.verify, Limits: o.Limits.GraphQL, Origins: o.Origins,
		Logger: o.Logger, Now: time.Now, Link: linker(o.Links, o.PublicURL), Refusals: o.Refusals, Meter: meter,
		Introspection: o.Schema.Introspection, Suggestions: o.Schema.Suggestions,
		TrustedDocuments: o.Schema.TrustedDocuments, PersistedQueries: o.Schema.PersistedQueries,
		Export: export.Exporter{Store: o.Store, Media: o.Media}.One,
	})
}

// crossOrigin lets the web apps of origins read the answers. Without origins, browsers keep to this server's
// own pages.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodPost, http.MethodGet, http.MethodHead},
		AllowedHeaders: []string{"Authorization", "Content-Type", "Accept", "Range", "If-Range", "If-None-Match"},
		ExposedHeaders: []string{"X-Request-Id", "Accept-Ranges", "Content-Range", "Content-Length", "ETag"},
	}).Handler(next)
}
