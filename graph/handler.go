package graph

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/db"
)

// Options are what the API is made of.
type Options struct {
	Store *db.Store
	// Hub tells what changed; it must be running for subscriptions to say anything.
	Hub *db.Hub
	// Verify checks an access token; see auth.Middleware.
	Verify func(ctx context.Context, token string) (*auth.Viewer, error)
	Limits Limits
	// Origins are the web origins, besides the server's own, that may open a WebSocket, such as https://app.example.
	Origins []string
	Logger  *slog.Logger
	// Now tells the time of what is derived from it, such as whether protection holds; it is usually time.Now.
	Now func() time.Time
	// Link makes a url by which a viewer, who sees what access covers, can play a file for a while.
	Link func(viewer *auth.Viewer, access db.Access, fileID int64) string
	// Export writes a conversation as vCon, with its recordings in it where they are to be included. It fails with NOT_FOUND where access covers none with this id.
	Export func(ctx context.Context, access db.Access, id int64, includeMedia bool) ([]byte, error)
}

const (
	queryCacheSize = 1000
	pingInterval   = 20 * time.Second
	initTimeout    = 10 * time.Second
)

// NewHandler returns the GraphQL endpoint: POST with JSON, and WebSocket (graphql-transport-ws) for subscriptions. Nothing can be changed by
// GET, which is refused. It panics where the schema has a root field that does not declare who may use it.
func NewHandler(options Options) http.Handler {
	server := newServer(options)
	secured := auth.Middleware(options.Verify)(server)
	return withRequestID(onlyPost(limitBody(options.Limits.BodyBytes, secured)))
}

func newServer(options Options) *handler.Server {
	guard := guard{options.Store, options.Logger}
	presenter := presenter{options.Logger}
	server := handler.New(costed{newSchema(options, guard, presenter)})
	server.AddTransport(newWebsocket(options))
	server.AddTransport(post{presenter})
	server.SetQueryCache(lru.New[*ast.QueryDocument](queryCacheSize))
	server.SetParserTokenLimit(options.Limits.Tokens)
	server.Use(guard)
	server.Use(sizeLimit{depth: options.Limits.Depth, fields: options.Limits.Cost})
	server.Use(extension.FixedComplexityLimit(options.Limits.Cost))
	server.Use(extension.Introspection{})
	server.AroundResponses(timeLimit(options.Limits.Duration))
	server.SetErrorPresenter(presenter.present)
	server.SetRecoverFunc(presenter.recover)
	return server
}

func newSchema(options Options, guard guard, presenter presenter) graphql.ExecutableSchema {
	return NewExecutableSchema(Config{
		Resolvers:  &Resolver{options.Store, options.Hub, options.Now, options.Link, options.Export, presenter.present},
		Directives: DirectiveRoot{HasRole: guard.hasRole, SignedIn: guard.signedIn},
	})
}

func newWebsocket(options Options) transport.Websocket {
	return transport.Websocket{
		InitTimeout: initTimeout, PingPongInterval: pingInterval,
		InitFunc:         signIn(options.Verify),
		PayloadReadLimit: &options.Limits.BodyBytes,
		Implementation:   transport.CoderWebsocketImplementation{AcceptOptions: websocket.AcceptOptions{OriginPatterns: originHosts(options.Origins)}},
	}
}

// originHosts are the hosts of web origins, by which the WebSocket library compares them.
func originHosts(origins []string) []string {
	return mapped(origins, func(origin string) string {
		_, host, found := strings.Cut(origin, "://")
		if !found {
			return origin
		}
		return host
	})
}

// signIn reads the token that a WebSocket's first message carries as {"Authorization": "Bearer ..."}, since a browser cannot send it as a header.
func signIn(verify func(context.Context, string) (*auth.Viewer, error)) transport.WebsocketInitFunc {
	return func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
		scheme, token, _ := strings.Cut(payload.Authorization(), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return ctx, nil, nil
		}
		viewer, err := verify(ctx, strings.TrimSpace(token))
		if err != nil {
			// Each operation is told why, which a connection that is closed could not be.
			return auth.NewRefusedContext(ctx, err), nil, nil
		}
		return auth.NewContext(ctx, viewer), nil, nil
	}
}

// limitBody cuts a body off that is larger than it may be; zero means no limit.
func limitBody(limit int64, next http.Handler) http.Handler {
	if limit <= 0 {
		return next
	}
	return http.MaxBytesHandler(next, limit)
}

// onlyPost admits POST and the WebSocket's GET. A browser that opens the address by hand is told where to go.
func onlyPost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost && r.Header.Get("Upgrade") == "" {
			w.Header().Set("Allow", "POST")
			http.Error(w, `send a GraphQL operation by POST, as JSON: {"query": "..."}; /graphiql is the explorer`, http.StatusMethodNotAllowed)
			return
		}
		next.ServeHTTP(w, r)
	})
}
