package graph

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// The codes of errors that are no data of a mutation, as extensions.code carries them (design, section 8).
const (
	codeUnauthenticated = "UNAUTHENTICATED"
	codeForbidden       = "FORBIDDEN"
	codeInvalid         = string(compliance.CodeInvalid)
	codeInternal        = "INTERNAL"
	// codeTimeout is of an operation that took too long.
	codeTimeout = "TIMEOUT"
	// codeUnavailable is of what can be asked for again later: the server, or its database, is to blame.
	codeUnavailable = "UNAVAILABLE"
	// codeLimited is of somebody who asks for too much at once or over time.
	codeLimited = "RATE_LIMITED"
	// codeNotPersisted is what clients that send the hash of a document instead of the document look for.
	codeNotPersisted  = "PERSISTED_QUERY_NOT_FOUND"
	codeNotPersisting = "PERSISTED_QUERY_NOT_SUPPORTED"
)

// coded makes an error with a code that clients see as it is.
func coded(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// ownCode is the code of an error that coded has made, "" for any other.
func ownCode(shown *gqlerror.Error) string {
	switch code := shown.Extensions["code"]; code {
	case codeUnauthenticated, codeForbidden, codeInvalid, codeTimeout, codeUnavailable, codeLimited, codeNotPersisted, codeNotPersisting:
		return code.(string)
	}
	return ""
}

// presenter turns errors into what clients see. What it does not know is logged under the request's id and shown as INTERNAL with
// nothing but that id, because its text may hold personal data.
type presenter struct {
	logger  *slog.Logger
	outages *outageLog
}

// present returns nil for an error that is left out, because the answer has enough of them.
func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := graphql.DefaultErrorPresenter(ctx, err)
	watch := progressOf(ctx)
	if watch != nil && !watch.admit(shown) {
		return nil
	}
	if watch != nil && watch.stopped.Load() {
		err = errAnswerTooLarge
	}
	shown = p.explain(ctx, shown, err, watch)
	shown.Message = shorten(shown.Message)
	return shown
}

func (p presenter) explain(ctx context.Context, shown *gqlerror.Error, err error, watch *progress) *gqlerror.Error {
	switch user := compliance.UserErrors(err); {
	case errors.Is(err, errAnswerTooLarge) && watch != nil:
		return with(shown, codeInvalid, watch.tooLarge().Message, nil)
	case len(user) > 0:
		return with(shown, string(user[0].Code), user.Error(), user[0].Field)
	case unauthenticated(err) != nil:
		return with(shown, signInCode(unauthenticated(err)), unauthenticated(err).Error(), nil)
	case ownCode(shown) != "":
		return shown
	case isRequestError(shown):
		return with(shown, codeInvalid, shown.Message, nil)
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return with(shown, codeTimeout, "the operation took too long and was stopped; ask for less, such as a smaller page, or try again later", nil)
	case db.Unavailable(err) != db.Available:
		p.outages.failed(ctx, err)
		noteLost(ctx, err)
		return with(shown, codeUnavailable, unavailable(ctx), nil)
	}
	return p.internal(ctx, shown, err)
}

// unavailable says whether what was asked for may have been done.
func unavailable(ctx context.Context) string {
	if operation := operationOf(ctx); operation != nil && operation.Operation == ast.Mutation {
		return "the database does not respond; check whether the change was made before you repeat it"
	}
	return "the database does not respond; try again later"
}

func (p presenter) internal(ctx context.Context, shown *gqlerror.Error, err error) *gqlerror.Error {
	id := RequestID(ctx)
	if !errors.Is(err, context.Canceled) {
		p.logger.ErrorContext(ctx, "operation failed", "code", codeInternal, "error", described(err))
	}
	return with(shown, codeInternal, "something went wrong; the request id is "+id, nil)
}

// recover logs a panic with where it happened, but not its value, which may hold personal data.
func (p presenter) recover(ctx context.Context, _ any) error {
	p.logger.ErrorContext(ctx, "panic", "code", codeInternal, "stack", string(debug.Stack()))
	return errors.New("panic")
}

func with(shown *gqlerror.Error, code, message string, field []string) *gqlerror.Error {
	shown.Message = message
	shown.Extensions = map[string]any{"code": code}
	if len(field) > 0 {
		shown.Extensions["field"] = field
	}
	return shown
}

// unauthenticated finds what says why nobody is signed in, nil where somebody is.
func unauthenticated(err error) *auth.Error {
	var refused *auth.Error
	if errors.As(err, &refused) {
		return refused
	}
	return nil
}

// signInCode says whether a token was refused, or could not be checked yet.
func signInCode(refused *auth.Error) string {
	if refused.Unavailable() {
		return codeUnavailable
	}
	return codeUnauthenticated
}

// isRequestError tells what gqlgen itself says about a request that it cannot run: syntax, validation, variables, limits.
func isRequestError(shown *gqlerror.Error) bool {
	switch shown.Extensions["code"] {
	case errcode.ValidationFailed, errcode.ParseFailed:
		return true
	}
	return shown.Rule != ""
}

// userErrors puts what a user can fix into a payload; everything else stays an error of the operation.
func userErrors(err error, prefix ...string) ([]*UserError, error) {
	fixable := compliance.UserErrors(err)
	if err != nil && fixable == nil {
		return nil, err
	}
	return mapped(fixable, func(e *compliance.Error) *UserError {
		shown := &UserError{Code: e.Code, Message: shorten(e.Message)}
		if len(e.Field) > 0 {
			shown.Field = append(append([]string{}, prefix...), e.Field...)
		}
		return shown
	}), nil
}

const (
	// maxQuoted is how much of a client's own text an error repeats, maxMessage how long an error is.
	maxQuoted, maxMessage = 100, 1_000
)

// shorten cuts off what an error repeats of a request, so that no answer is larger than its request for that.
func shorten(message string) string {
	if len(message) <= maxQuoted {
		return message
	}
	var short strings.Builder
	for i, part := range strings.Split(message, `"`) {
		if i > 0 {
			short.WriteByte('"')
		}
		short.WriteString(cut(part, i%2 == 1))
	}
	return cutTo(short.String(), maxMessage)
}

// cut shortens what stands in quotes, and any word.
func cut(part string, quoted bool) string {
	if quoted {
		return cutTo(part, maxQuoted)
	}
	words := strings.Split(part, " ")
	for i, word := range words {
		words[i] = cutTo(word, maxQuoted)
	}
	return strings.Join(words, " ")
}

// cutTo keeps the beginning of a text, at most so many bytes of it.
func cutTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// operationOf is the operation that runs, nil before there is one.
func operationOf(ctx context.Context) *ast.OperationDefinition {
	if !graphql.HasOperationContext(ctx) {
		return nil
	}
	return graphql.GetOperationContext(ctx).Operation
}

type lostKey struct{}

// lost reports to the runner of an operation that a connection died meanwhile.
type lost struct{ connection atomic.Bool }

func noteLost(ctx context.Context, err error) {
	if l, ok := ctx.Value(lostKey{}).(*lost); ok && db.Unavailable(err) == db.Gone {
		l.connection.Store(true)
	}
}

// outageLog says that the database is away once in a while, with the number of operations that failed,
// instead of once for each of them.
type outageLog struct {
	logger *slog.Logger
	now    func() time.Time

	mu    sync.Mutex
	next  time.Time
	count int
}

const outageEvery = 5 * time.Second

// failed takes an operation that failed. The error is that of the one after which it is said.
func (l *outageLog) failed(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	now := l.now()
	if now.Before(l.next) {
		return
	}
	l.logger.ErrorContext(ctx, "the database does not respond correctly",
		"code", codeUnavailable, "failed", l.count, "error", described(err))
	l.count, l.next = 0, now.Add(outageEvery)
}

// described is what the log may hold of an error: what PostgreSQL says itself can repeat the values of a
// statement, and where gqlgen says that it arose is told in the aliases of the client.
func described(err error) string {
	var placed *gqlerror.Error
	for errors.As(err, &placed) {
		if placed.Err == nil {
			return placed.Message
		}
		err = placed.Err
	}
	return cmp.Or(db.Explain(err), err.Error())
}
