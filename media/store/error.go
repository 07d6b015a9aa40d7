package store

import (
	"context"
	"errors"
	"syscall"

	"gocloud.dev/gcerrors"
)

// The kinds of errors, for errors.Is.
var (
	// ErrNotFound says that there is nothing under a key.
	ErrNotFound = errors.New("not in the file store")
	// ErrFull says that the store has no room left.
	ErrFull = errors.New("the file store is full")
	// ErrUnavailable says that the store cannot be reached, or refuses.
	ErrUnavailable = errors.New("the file store cannot be used")
	// ErrNoPresign says that a store has no urls of its own to hand out.
	ErrNoPresign = errors.New("this file store hands out no urls")
)

// Error is an error of the store. Its message is for an operator, and holds neither keys nor credentials; what lies beneath is for errors.As.
type Error struct {
	Kind    error
	Message string
	cause   error
}

// Error returns the message for the operator.
func (e *Error) Error() string { return e.Message }

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// explain makes an Error of what a store or a reader says; nil stays nil, and what is not the store's fault (a context that ended, a reader that broke off) stays
// as it is.
func explain(err error) error {
	var own *Error
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return &Error{ErrFull, "the file store is full; make room, or give it another place with MEDIA_URL", err}
	}
	switch gcerrors.Code(err) {
	case gcerrors.NotFound:
		return &Error{ErrNotFound, "the file is not in the file store", err}
	case gcerrors.PermissionDenied:
		return &Error{ErrUnavailable, "the file store refuses: check the permissions or credentials of MEDIA_URL", err}
	case gcerrors.DeadlineExceeded:
		return &Error{ErrUnavailable, "the file store does not answer in time", err}
	case gcerrors.OK, gcerrors.Canceled:
		return err
	}
	return &Error{ErrUnavailable, "the file store cannot be reached or does not work: check MEDIA_URL", err}
}
