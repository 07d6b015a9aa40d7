package graph

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/telemetry"
)

type requestKey struct{}

// WithRequestID gives each request an id of its own, by which the log finds what went wrong with it. A request
// that has one keeps it.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if RequestID(r.Context()) == "" {
			r = r.WithContext(withNewRequestID(r.Context()))
		}
		w.Header().Set("X-Request-Id", RequestID(r.Context()))
		next.ServeHTTP(w, r)
	})
}

// withNewRequestID gives whatever is done in the context an id of its own; each operation of a WebSocket has
// one.
func withNewRequestID(ctx context.Context) context.Context {
	return ContextWithRequestID(ctx, uuid.NewString())
}

// ContextWithRequestID gives whatever is done in the context an id that somebody else has made. It is shown, so
// that it must not be a text that a client has chosen.
func ContextWithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of the request that the context belongs to, "" if it has none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// LogFacts adds to a line of the log the id of the request, who is signed in, by the id alone, and which
// operation runs: its kind and its root field, since the name of an operation is a text of the client.
func LogFacts(ctx context.Context, line *slog.Record) {
	if id := RequestID(ctx); id != "" {
		line.AddAttrs(slog.String("request", id))
	}
	if viewer, err := auth.FromContext(ctx); err == nil {
		line.AddAttrs(slog.String("person", telemetry.ID(viewer.Subject)))
	}
	if operation := operationOf(ctx); operation != nil {
		line.AddAttrs(slog.String("operation", string(operation.Operation)+" "+rootOf(operation)))
	}
}

// rootOf is the name of the one root field, which the schema bounds, unlike the names that clients give.
func rootOf(operation *ast.OperationDefinition) string {
	if len(operation.SelectionSet) == 1 {
		if field, ok := operation.SelectionSet[0].(*ast.Field); ok {
			return field.Name
		}
	}
	return "several"
}

// observed is an operation that runs: what is told of it beside its answer.
type observed struct {
	*runner
	op    *graphql.OperationContext
	begun time.Time
	span  telemetry.Span
}

// observe begins the span of an operation.
func (r *runner) observe(ctx context.Context, op *graphql.OperationContext) (context.Context, observed) {
	ctx, span := r.tracer.Start(ctx, "operation")
	if span.Recorded() {
		kind, root := string(op.Operation.Operation), rootOf(op.Operation)
		span.Name(kind + " " + root)
		span.Word("graphql.operation.type", kind)
		span.Word("qm.field", root)
		span.Word("qm.request", RequestID(ctx))
	}
	return ctx, observed{r, op, time.Now(), span}
}

// ended tells the code with which an operation has ended, to the metrics but for subscriptions, which take as
// long as somebody listens; to the log where it takes lines for debugging; and to the trace.
func (o observed) ended(ctx context.Context, code string) {
	took := time.Since(o.begun)
	operation := o.op.Operation
	if o.meter != nil && operation.Operation != ast.Subscription {
		o.meter.Ran(string(operation.Operation), rootOf(operation), code, took)
	}
	if o.logger.Enabled(ctx, slog.LevelDebug) {
		o.logger.DebugContext(graphql.WithOperationContext(ctx, o.op), "operation", "code", code, "took", took)
	}
	if o.span.Recorded() {
		o.span.Word("qm.code", code)
		if code != codeOK {
			o.span.Failed(code)
		}
	}
	o.span.End()
}

// logRefused tells of an operation that is not run, where the log takes lines for debugging.
func (r *runner) logRefused(ctx context.Context, err *gqlerror.Error) {
	if r.logger.Enabled(ctx, slog.LevelDebug) {
		r.logger.DebugContext(ctx, "operation refused", "code", firstCode(gqlerror.List{err}))
	}
}

// codeOK is the code of an operation without errors.
const codeOK = "OK"

// firstCode is the code of the first of the errors.
func firstCode(errs gqlerror.List) string {
	for _, err := range errs {
		code, _ := err.Extensions["code"].(string)
		return code
	}
	return codeOK
}
