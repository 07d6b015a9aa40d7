package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/graph/admission"
	"qm-compliance/graph/refusals"
	"qm-compliance/telemetry"
)

// Meter counts what the limits do; it is safe for concurrent use.
type Meter interface {
	// Refused counts a refusal by what refused it, such as "unauthenticated", "rate" or "answer".
	Refused(reason string)
	// Active adds to how much of something is under way: operations, waiting, sockets, subscriptions.
	Active(what string, delta int)
	// Ran counts a query or mutation by its kind, by its root field, "several" where it has more than one, and by
	// the code of its first error, "OK" where it has none, and tells how long it took.
	Ran(kind, root, code string, took time.Duration)
}

// runner runs operations, whichever way they came, for those who may.
type runner struct {
	executor  *executor.Executor
	documents *documents
	persisted persisted
	presenter presenter
	gate      *admission.Gate
	exports   *admission.Gate
	refusals  *refusals.Log
	meter     Meter
	buffers   buffers
	logger    *slog.Logger
	tracer    *telemetry.Tracer
	// open lets those who are not signed in ask for the schema.
	open bool
}

func newRunner(options Options) *runner {
	r := &runner{
		presenter: presenter{options.Logger, &outageLog{logger: options.Logger, now: options.Now}},
		refusals:  options.Refusals, meter: options.Meter, logger: options.Logger, tracer: options.Tracer,
		gate:    admission.NewGate(options.Limits.Admission, time.Now),
		exports: exportGate(options.Limits),
		open:    options.Introspection == IntrospectionEverybody, persisted: newPersisted(options),
	}
	guard := guard{options.Refusals, r.refused}
	schema, answers := newSchema(options, guard, r.presenter)
	r.executor = executor.New(schema)
	r.documents = newDocuments(schema.Schema(), options)
	r.gate.Waits = func(delta int) { r.active("waiting", delta) }
	r.gate.Overloads = func(delta int) { r.active("overload", delta) }
	r.executor.SetQueryCache(prepared{})
	r.executor.SetErrorPresenter(r.presenter.present)
	r.executor.SetRecoverFunc(r.presenter.recover)
	r.use(options.Limits, guard)
	if answers.everything = options.generated; !options.generated {
		r.executor.Use(answers)
	}
	return r
}

// exportGate is where operations wait that export, beside all others; nil where they have no limits of their own.
func exportGate(limits Limits) *admission.Gate {
	if limits.ExportsAtOnce == 0 && limits.ExportsEach == 0 {
		return nil
	}
	return admission.NewGate(admission.Limits{
		Operations: limits.ExportsAtOnce, OperationsEach: limits.ExportsEach,
		Queue: limits.Admission.Queue, Wait: limits.Admission.Wait,
	}, time.Now)
}

// admitExport lets an operation that exports wait for others of its kind, while other operations run in its
// place. It returns the pass with which the operation runs; of any other operation that is the one it has.
func (r *runner) admitExport(
	ctx context.Context, op *graphql.OperationContext, person string, pass *admission.Pass,
) (*admission.Pass, error) {
	if r.exports == nil {
		return pass, nil
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if field.Name == exportField {
			pass.Ran()
			return r.exports.Enter(ctx, person)
		}
	}
	return pass, nil
}

func (r *runner) use(limits Limits, guard guard) {
	r.executor.Use(guard)
	r.executor.Use(budget{limits.Duration, limits.AnswerBytes, limits.Errors, r.refused})
	r.executor.Use(sizeLimit{depth: limits.Depth, fields: limits.Cost})
	r.executor.Use(costLimit{limits.Cost})
	r.executor.Use(extension.Introspection{}) // documents says who may use it
}

func (r *runner) refused(reason string) {
	if r.meter != nil {
		r.meter.Refused(reason)
	}
}

// countNobody counts a request of somebody who is not signed in. One whose token could not be checked was not
// refused, and is not audited.
func (r *runner) countNobody(request *http.Request, problem *auth.Error) {
	if problem.Unavailable() {
		r.refused("provider")
		return
	}
	r.refused("unauthenticated")
	r.refusals.Nobody(request, "graphql")
}

func (r *runner) active(what string, delta int) {
	if r.meter != nil {
		r.meter.Active(what, delta)
	}
}

// activity counts one thing as under way until the function that it returns is called.
func (r *runner) activity(what string) (done func()) {
	r.active(what, 1)
	return func() { r.active(what, -1) }
}

// prepare makes an operation ready to run, or says why it cannot be. Who is not signed in gets nothing
// parsed, but for the schema where it is open.
func (r *runner) prepare(ctx context.Context, asked *request) (*graphql.OperationContext, gqlerror.List) {
	op, refused := r.makeReady(ctx, asked)
	if len(refused) > 0 {
		r.logRefused(ctx, refused[0])
	}
	return op, refused
}

func (r *runner) makeReady(ctx context.Context, asked *request) (*graphql.OperationContext, gqlerror.List) {
	var admit func(*ast.QueryDocument) *gqlerror.Error
	if _, err := auth.FromContext(ctx); err != nil {
		if !r.open {
			return nil, r.presentAll(ctx, gqlerror.List{gqlerror.Wrap(err)})
		}
		admit = func(document *ast.QueryDocument) *gqlerror.Error {
			if asksForSchema(document) {
				return nil
			}
			return gqlerror.Wrap(err)
		}
	}
	if !asked.hasDocument() {
		return nil, gqlerror.List{errNoDocument()}
	}
	keep, refused := r.persisted.find(asked)
	if refused != nil {
		return nil, gqlerror.List{refused}
	}
	document, errs := r.documents.prepare(asked.query, admit)
	if errs != nil {
		r.refused("document")
		return nil, r.presentAll(ctx, errs)
	}
	if admit == nil {
		r.persisted.keep(keep, asked.query)
	}
	if refused := findOperation(document.QueryDocument, asked.operationName); refused != nil {
		return nil, gqlerror.List{refused}
	}
	if refused := checkScalars(r.documents.schema, document.Operations.ForName(asked.operationName), asked.variables); refused != nil {
		r.refused("operation")
		return nil, gqlerror.List{refused}
	}
	params := &graphql.RawParams{
		Query: asked.query, OperationName: asked.operationName, Variables: asked.variables, Extensions: asked.extensions,
	}
	op, errs := r.executor.CreateOperationContext(graphql.StartOperationTrace(withDocument(ctx, document)), params)
	if errs != nil {
		r.refused("operation")
		return nil, r.presentAll(graphql.WithOperationContext(ctx, op), errs)
	}
	if refused := checkConditions(op); refused != nil {
		r.refused("operation")
		return nil, gqlerror.List{refused}
	}
	keepPlans(op, document)
	return op, nil
}

func errNoDocument() *gqlerror.Error {
	return coded(codeInvalid, "the member query is missing or empty; it must contain the operation")
}

// presentAll shows what is wrong with a request.
func (r *runner) presentAll(ctx context.Context, errs gqlerror.List) gqlerror.List {
	return mapped(errs, func(err *gqlerror.Error) *gqlerror.Error { return r.presenter.present(ctx, err) })
}

// findOperation says why there is no operation to run in a document.
func findOperation(document *ast.QueryDocument, name string) *gqlerror.Error {
	switch {
	case document.Operations.ForName(name) != nil:
		return nil
	case name == "":
		return coded(codeInvalid, fmt.Sprintf("the document has %d operations; name one in operationName", len(document.Operations)))
	}
	return coded(codeInvalid, shorten(fmt.Sprintf("the document has no operation %q; give one of its operations in operationName", name)))
}

// asksForSchema reports whether a document does nothing but to ask for the schema.
func asksForSchema(document *ast.QueryDocument) bool {
	for _, operation := range document.Operations {
		for _, selection := range operation.SelectionSet {
			field, plain := selection.(*ast.Field)
			if !plain || operation.Operation != ast.Query || (field.Name != "__schema" && field.Name != "__type" && field.Name != "__typename") {
				return false
			}
		}
	}
	return true
}

// respond runs a query or a mutation. A query during which the connection to the database died is run once
// more, over another one.
func (r *runner) respond(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	ctx, observed := r.observe(ctx, op)
	response := r.tryTwice(ctx, op)
	code := codeUnavailable
	if response != nil {
		code = firstCode(response.Errors)
	}
	observed.ended(ctx, code)
	return response
}

func (r *runner) tryTwice(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	once := func() (*graphql.Response, bool) {
		again := new(lost)
		handler, ctx := r.executor.DispatchOperation(context.WithValue(ctx, lostKey{}, again), op)
		response := handler(ctx)
		return response, again.connection.Load()
	}
	response, died := once()
	if died && op.Operation.Operation == ast.Query && ctx.Err() == nil {
		response, _ = once()
	}
	return response
}
