package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/graph/admission"
	"qm-compliance/graph/socket"
)

const (
	pingInterval = 20 * time.Second
	initTimeout  = 10 * time.Second
)

// overSocket is GraphQL over WebSocket, with bounds on the sockets and on the subscriptions.
type overSocket struct {
	*runner
	verify           func(context.Context, string) (*auth.Viewer, error)
	sockets, persons *admission.Seats
	// opening are the sockets whose clients have not said yet who they are, by address.
	opening       *admission.Seats
	subscriptions *admission.Seats
	protocol      *socket.Server
}

func newOverSocket(options Options, runner *runner) *overSocket {
	limits := options.Limits
	s := &overSocket{
		runner: runner, verify: options.Verify,
		sockets: admission.NewSeats(limits.Sockets, 0), persons: admission.NewSeats(0, limits.SocketsEach),
		opening:       admission.NewSeats(0, limits.SocketsOpening),
		subscriptions: admission.NewSeats(limits.Subscriptions, limits.SubscriptionsEach),
	}
	s.protocol = socket.New(socket.Options{
		SignIn: s.signIn, Operate: s.operate, Busy: errorList(coded(codeLimited, "this connection has too many operations; wait until some of them end")),
		Operations: operationsOf(limits), Origins: options.Origins, ReadLimit: limits.BodyBytes,
		InitTimeout: initTimeout, PingEvery: pingInterval, WriteTimeout: writeTimeoutOf(limits),
	})
	return s
}

// operationsOf is how many operations one connection may have: those of a person, with room for the refusals
// of further ones.
func operationsOf(limits Limits) int {
	const many = 1_000
	if limits.SubscriptionsEach == 0 || limits.Admission.OperationsEach == 0 {
		return many
	}
	return 2 * (limits.SubscriptionsEach + limits.Admission.OperationsEach)
}

// writeTimeoutOf is long where there is no limit.
func writeTimeoutOf(limits Limits) time.Duration {
	if limits.WriteTimeout == 0 {
		return time.Hour
	}
	return limits.WriteTimeout
}

func errorList(errs ...*gqlerror.Error) json.RawMessage {
	text, _ := json.Marshal(errs) // what coded makes can be written
	return text
}

// ServeHTTP serves a WebSocket, unless there are too many.
func (s *overSocket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	leave, ok := s.sockets.Take("")
	if !ok {
		s.refuse(w, "sockets", http.StatusServiceUnavailable,
			coded(codeUnavailable, "the server has too many WebSockets; try again later"))
		return
	}
	defer s.activity("sockets")()
	defer leave()
	opened, ok := s.opens(r)
	if !ok {
		s.refuse(w, "opening", http.StatusTooManyRequests,
			coded(codeLimited, "too many WebSockets of your address have not signed in yet; try again later"))
		return
	}
	defer opened()
	s.protocol.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), openedKey{}, opened)))
}

func (s *overSocket) refuse(w http.ResponseWriter, reason string, status int, err *gqlerror.Error) {
	s.refused(reason)
	w.Header().Set("Retry-After", "1")
	responder{w: w, contentType: jsonType}.refuse(status, err)
}

type openedKey struct{}

// opens takes a seat among the sockets of an address that are being opened, until the function that it returns
// is called: when the client has signed in, or the socket has ended.
func (s *overSocket) opens(r *http.Request) (opened func(), ok bool) {
	leave, ok := s.opening.Take(addressOf(r))
	if !ok {
		return nil, false
	}
	done := s.activity("opening")
	return sync.OnceFunc(func() { leave(); done() }), true
}

// signIn reads the token that a WebSocket's first message carries as {"Authorization": "Bearer ..."}, since a
// browser cannot send it as a header; a program may.
func (s *overSocket) signIn(ctx context.Context, r *http.Request, payload map[string]any) (socket.Session, error) {
	viewer, err := s.viewer(ctx, payload)
	if err != nil {
		problem := cmp.Or(unauthenticated(err), &auth.Error{Reason: auth.ReasonMissing})
		s.countNobody(r, problem)
		if problem.Unavailable() {
			return socket.Session{}, &socket.Refusal{Code: websocket.StatusTryAgainLater, Reason: problem.Error()}
		}
		return socket.Session{}, problem
	}
	leave, ok := s.persons.Take(viewer.Subject)
	if !ok {
		s.refused("sockets")
		return socket.Session{}, &socket.Refusal{Code: websocket.StatusTryAgainLater, Reason: "you have too many WebSockets; close some of them"}
	}
	if opened, ok := r.Context().Value(openedKey{}).(func()); ok {
		opened()
	}
	expired := coded(codeUnauthenticated, (&auth.Error{Reason: auth.ReasonExpired}).Error())
	return socket.Session{Context: auth.NewContext(ctx, viewer), Until: viewer.ExpiresAt, Expired: errorList(expired), Leave: leave}, nil
}

func (s *overSocket) viewer(ctx context.Context, payload map[string]any) (*auth.Viewer, error) {
	authorization, given := payload["Authorization"].(string)
	if !given {
		authorization, given = payload["authorization"].(string)
	}
	if !given {
		return auth.FromContext(ctx)
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, &auth.Error{Reason: auth.ReasonMalformed}
	}
	return s.verify(ctx, strings.TrimSpace(token))
}

// operate runs one operation of a socket. It answers INTERNAL where a panic comes up outside of any field.
func (s *overSocket) operate(
	ctx context.Context, payload json.RawMessage, next socket.Next,
) (failure json.RawMessage) {
	ctx = withNewRequestID(ctx)
	defer func() {
		if value := recover(); value != nil {
			failure = errorList(s.presenter.present(ctx, s.presenter.recover(ctx, value)))
		}
	}()
	viewer, err := auth.FromContext(ctx)
	if err != nil {
		return errorList(s.presenter.present(ctx, err))
	}
	pass, err := s.gate.Enter(ctx, "person "+viewer.Subject)
	if err != nil {
		return s.limited(ctx, err)
	}
	defer pass.Leave()
	asked := new(request)
	if err := asked.readJSON(payload); err != nil {
		return errorList(s.presenter.present(ctx, err))
	}
	op, refused := s.prepare(ctx, asked)
	if refused != nil {
		return errorList(refused...)
	}
	if op.Operation.Operation == ast.Subscription {
		pass.Leave()
		return s.stream(ctx, op, viewer, next)
	}
	defer s.activity("operations")()
	running, err := s.admitExport(ctx, op, "person "+viewer.Subject, pass)
	if err != nil {
		return s.limited(ctx, err)
	}
	defer running.Leave()
	response := s.respond(ctx, op)
	running.Ran()
	_ = next(written(response)...)
	return nil
}

func (s *overSocket) limited(ctx context.Context, err error) json.RawMessage {
	var limited *admission.Error
	if !errors.As(err, &limited) {
		return errorList(coded(codeUnavailable, "the operation was cancelled"))
	}
	s.refused(string(limited.Reason))
	_, shown := limitedError(limited)
	s.logRefused(ctx, shown)
	return errorList(shown)
}

// stream runs a subscription until it ends. Why it could not begin, or ended by itself, is what it returns.
func (s *overSocket) stream(
	ctx context.Context, op *graphql.OperationContext, viewer *auth.Viewer, next socket.Next,
) json.RawMessage {
	leave, ok := s.subscriptions.Take(viewer.Subject)
	if !ok {
		s.refused("subscriptions")
		return errorList(coded(codeLimited, "there are too many subscriptions; end some of yours, or try again later"))
	}
	defer leave()
	defer s.activity("subscriptions")()
	ctx, observed := s.observe(ctx, op)
	errs := s.follow(ctx, op, next)
	observed.ended(ctx, firstCode(errs))
	if errs == nil {
		return nil
	}
	return errorList(errs...)
}

// follow sends what a subscription brings until it ends, and returns why, nil where it ended by itself.
func (s *overSocket) follow(ctx context.Context, op *graphql.OperationContext, next socket.Next) gqlerror.List {
	ctx, failure := withSubscription(ctx)
	events, ctx := s.executor.DispatchOperation(ctx, op)
	for {
		response := events(ctx)
		switch {
		case response == nil:
			if failed := failure.err.Load(); failed != nil {
				return gqlerror.List{failed}
			}
			return s.expired(ctx)
		case len(response.Data) == 0 && len(response.Errors) > 0:
			return response.Errors
		case next(written(response)...) != nil:
			return nil
		}
	}
}

// expired is why a stream ended with its token, nil where it ended by itself.
func (s *overSocket) expired(ctx context.Context) gqlerror.List {
	if _, err := auth.FromContext(ctx); err != nil {
		return gqlerror.List{s.presenter.present(ctx, err)}
	}
	return nil
}
