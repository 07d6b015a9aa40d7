package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"qm-compliance/auth"
	"qm-compliance/compliance"
)

// The codes of errors that are no data of a mutation, as extensions.code carries them (design, section 8).
const (
	codeUnauthenticated = "UNAUTHENTICATED"
	codeForbidden       = "FORBIDDEN"
	codeInvalid         = string(compliance.CodeInvalid)
	codeInternal        = "INTERNAL"
)

// coded makes an error with a code that clients see as it is.
func coded(code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
}

// presenter turns errors into what clients see. What it does not know is logged under the request's id and shown as INTERNAL with
// nothing but that id, because its text may hold personal data.
type presenter struct {
	logger *slog.Logger
}

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := graphql.DefaultErrorPresenter(ctx, err)
	switch user := compliance.UserErrors(err); {
	case len(user) > 0:
		return with(shown, string(user[0].Code), user.Error(), user[0].Field)
	case unauthenticated(err) != nil:
		return with(shown, codeUnauthenticated, unauthenticated(err).Error(), nil)
	case shown.Extensions["code"] == codeUnauthenticated || shown.Extensions["code"] == codeForbidden || shown.Extensions["code"] == codeInvalid:
		return shown
	case isRequestError(shown):
		return with(shown, codeInvalid, shown.Message, nil)
	case errors.Is(err, context.DeadlineExceeded):
		return with(shown, codeInvalid, "the operation took too long and was given up; ask for less, such as a smaller page", nil)
	}
	return p.internal(ctx, shown, err)
}

func (p presenter) internal(ctx context.Context, shown *gqlerror.Error, err error) *gqlerror.Error {
	id := requestID(ctx)
	if !errors.Is(err, context.Canceled) {
		p.logger.ErrorContext(ctx, "operation failed", "request", id, "error", redacted(err))
	}
	return with(shown, codeInternal, "something went wrong here; the request id is "+id, nil)
}

// recover logs a panic with where it happened, but not its value, which may hold personal data.
func (p presenter) recover(ctx context.Context, _ any) error {
	p.logger.ErrorContext(ctx, "panic", "request", requestID(ctx), "stack", string(debug.Stack()))
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

// isRequestError tells what gqlgen itself says about a request that it cannot run: syntax, validation, variables, limits.
func isRequestError(shown *gqlerror.Error) bool {
	switch shown.Extensions["code"] {
	case errcode.ValidationFailed, errcode.ParseFailed, codeTooCostly:
		return true
	}
	return shown.Rule != ""
}

// userErrors puts what a user can mend into a payload; everything else stays an error of the operation.
func userErrors(err error, prefix ...string) ([]*UserError, error) {
	mendable := compliance.UserErrors(err)
	if err != nil && mendable == nil {
		return nil, err
	}
	return mapped(mendable, func(e *compliance.Error) *UserError {
		shown := &UserError{Code: e.Code, Message: e.Message}
		if len(e.Field) > 0 {
			shown.Field = append(append([]string{}, prefix...), e.Field...)
		}
		return shown
	}), nil
}
