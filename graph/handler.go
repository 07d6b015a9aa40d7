package graph

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph/refusals"
	"qm-compliance/notify"
	"qm-compliance/telemetry"
)

// Introspection says who may ask for the schema.
type Introspection string

// Who may ask for the schema.
const (
	IntrospectionOff       Introspection = "off"
	IntrospectionSignedIn  Introspection = "signed-in"
	IntrospectionEverybody Introspection = "everybody"
)

// Options are what the API is made of.
type Options struct {
	Store *db.Store
	// Hub tells what changed; it must be running for subscriptions to say anything.
	Hub *notify.Hub
	// Verify checks an access token; see auth.Middleware.
	Verify func(ctx context.Context, token string) (*auth.Viewer, error)
	Limits Limits
	// Refusals audits what is refused; nil makes a log of the API's own, whose sums are never
	// written.
	Refusals *refusals.Log
	// Meter counts what the limits do; nil counts nothing.
	Meter Meter
	// Introspection says who may ask for the schema; empty means everybody who is signed in.
	Introspection Introspection
	// Suggestions lets errors say which names the schema has instead of one that it lacks.
	Suggestions bool
	// TrustedDocuments are the only ones that are run; nil means that any is.
	TrustedDocuments *TrustedDocuments
	// PersistedQueries lets clients send the hash of a document instead of the document, once they have sent
	// it (automatic persisted queries).
	PersistedQueries bool
	// Origins are the web origins, besides the server's own, that may open a WebSocket, such as
	// https://app.example.
	Origins []string
	// Logger gets lines that LogFacts completes.
	Logger *slog.Logger
	// Tracer begins the spans of operations; nil begins none.
	Tracer *telemetry.Tracer
	// Now tells the time of what is derived from it, such as whether protection holds; it is usually time.Now.
	Now func() time.Time
	// Link makes a url by which a viewer, who sees what access covers, can play a file for a while.
	Link func(viewer *auth.Viewer, access db.Access, fileID int64) string
	// Export writes a conversation as vCon, with its recordings in it where they are to be included, and audits
	// that. It is nil where access covers none with this id.
	Export func(
		ctx context.Context, op audit.Operation, access db.Access, id int64, includeMedia bool,
	) ([]byte, error)
	// AuditViews has the audit log record who reads a conversation: conversation(id), and node(id) of a
	// conversation or a segment; lists are not recorded.
	AuditViews bool
	// generated has everything loaded, and written by the generated code; tests compare the two.
	generated bool
}

func (o Options) withDefaults() Options {
	if o.Introspection == "" {
		o.Introspection = IntrospectionSignedIn
	}
	o.Logger = telemetry.WithFacts(o.Logger, LogFacts)
	if o.Refusals == nil {
		o.Refusals = refusals.New(refusals.Options{Record: o.Store.Record, Logger: o.Logger})
	}
	return o
}

// Handler is the GraphQL endpoint: POST with JSON, GET for queries, and WebSocket (graphql-transport-ws).
type Handler struct {
	http.Handler
	sockets *overSocket
	options Options
}

// NewHandler makes the endpoint. It panics where the schema has a root field that does not declare who may
// use it.
func NewHandler(options Options) *Handler {
	options = options.withDefaults()
	runner := newRunner(options)
	plain, sockets := overHTTP{runner}, newOverSocket(options, runner)
	either := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			sockets.ServeHTTP(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
	secured := auth.Middleware(options.Verify)(either)
	return &Handler{WithRequestID(runner.presenter.recovering(limitBody(options.Limits.BodyBytes, secured))), sockets, options}
}

// Accepted takes note of a token that was checked: jobs of its holder that the holder may no longer answer for fail.
func (h *Handler) Accepted(ctx context.Context, viewer *auth.Viewer) {
	by := (&Resolver{store: h.options.Store}).requesterOf(viewer)
	if err := h.options.Store.Withdraw(ctx, by, viewer.Has(auth.RoleInteractionAnonymize)); err != nil {
		h.options.Logger.WarnContext(ctx, "the jobs of a person could not be looked at, whose token has come; the next token will do",
			"reason", db.Explain(err))
	}
}

// Shutdown closes the WebSockets with 1001, and lets no new one in. It returns when they have ended, or when
// ctx has.
func (h *Handler) Shutdown(ctx context.Context) error { return h.sockets.protocol.Shutdown(ctx) }

func newSchema(options Options, guard guard, presenter presenter) (graphql.ExecutableSchema, *answers) {
	answers := newAnswers()
	answers.schema = NewExecutableSchema(Config{
		Schema: withPossibleObjects(NewExecutableSchema(Config{}).Schema()),
		Resolvers: &Resolver{options.Store, options.Hub, options.Now, options.Link, options.Export, answers,
			options.AuditViews, presenter.present, guard.require},
		Directives: DirectiveRoot{HasRole: guard.hasRole, SignedIn: guard.signedIn},
	})
	return queries{answers.schema.(*executableSchema)}, answers
}

// queries is the schema, whose queries are written into the buffer that their context has.
type queries struct{ *executableSchema }

// Exec runs an operation. The answer to a query is valid until its buffer is given back.
func (q queries) Exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	buffer, _ := ctx.Value(bufferKey{}).(*bytes.Buffer)
	if operation.Operation.Operation != ast.Query || buffer == nil {
		return q.executableSchema.Exec(ctx)
	}
	ec := newExecutionContext(operation, q.executableSchema, make(chan graphql.DeferredResult))
	ran := false
	return func(ctx context.Context) *graphql.Response {
		if ran {
			return nil
		}
		ran = true
		buffer.Reset()
		buffer.WriteString(beginning)
		ec._Query(ctx, operation.Operation.SelectionSet).MarshalGQL(buffer)
		return &graphql.Response{Data: buffer.Bytes()[len(beginning):]}
	}
}

// beginning stands in a buffer before the data, so that an answer without errors is sent as it lies there, at once.
const beginning = `{"data":`

type bufferKey struct{}

// buffers are those of answers that have been sent.
type buffers struct{ pool sync.Pool }

// largestBuffer is how large a buffer is kept.
const largestBuffer = 1 << 20

// take returns an empty buffer for an answer, with a context that has it.
func (b *buffers) take(ctx context.Context) (context.Context, *bytes.Buffer) {
	buffer, _ := b.pool.Get().(*bytes.Buffer)
	if buffer == nil {
		buffer = new(bytes.Buffer)
	}
	buffer.Reset()
	return context.WithValue(ctx, bufferKey{}, buffer), buffer
}

// giveBack takes a buffer back when the answer in it has been sent.
func (b *buffers) giveBack(buffer *bytes.Buffer) {
	if buffer.Cap() <= largestBuffer {
		b.pool.Put(buffer)
	}
}

// withPossibleObjects is the schema with objects alone as the possible types of an interface, as introspection has
// to answer. The parser counts an interface that implements another one, such as Segment, among them.
func withPossibleObjects(parsed *ast.Schema) *ast.Schema {
	schema := *parsed
	schema.PossibleTypes = make(map[string][]*ast.Definition, len(parsed.PossibleTypes))
	for name, types := range parsed.PossibleTypes {
		schema.PossibleTypes[name] = slices.DeleteFunc(slices.Clone(types), func(possible *ast.Definition) bool {
			return possible.Kind != ast.Object
		})
	}
	return &schema
}

// limitBody cuts a body off that is larger than it may be; zero means no limit.
func limitBody(limit int64, next http.Handler) http.Handler {
	if limit <= 0 {
		return next
	}
	return http.MaxBytesHandler(next, limit)
}

// recovering answers INTERNAL where a panic comes up outside of any field.
func (p presenter) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if value := recover(); value != nil {
				answer := responder{w: w, contentType: contentType(r.Header.Get("Accept"))}
				answer.refuse(http.StatusInternalServerError, p.present(r.Context(), p.recover(r.Context(), value)))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
