package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
)

// The errors of a fetch, for errors.Is.
var (
	// ErrNotAllowed: the url, a redirect, or the address that a name stands for is not one that may be asked.
	ErrNotAllowed = errors.New("not allowed")
	// ErrTooLarge: the recording has more bytes than MaxBytes.
	ErrTooLarge = errors.New("too large")
	// ErrTruncated: the connection ended before the recording did.
	ErrTruncated = errors.New("truncated")
	// ErrStalled: nothing came for as long as Timeout.
	ErrStalled = errors.New("stalled")
)

// Error says why a recording could not be fetched. It names the host at most: the rest of a url may hold
// personal data and signatures.
type Error struct {
	// Host is the host, with its port unless that is the scheme's usual one; empty if the url names
	// none.
	Host string
	// Status is the status of an answer other than 200, else 0.
	Status int

	problem string
	cause   error
}

// Error returns the message.
func (e *Error) Error() string {
	if e.Host == "" {
		return "a recording cannot be fetched: " + e.problem
	}
	return "a recording cannot be fetched: the host " + e.Host + " " + e.problem
}

// Unwrap returns one of the errors above, or that of the caller's context, or nil.
func (e *Error) Unwrap() error { return e.cause }

// explain says in plain words what went wrong with an exchange. Errors of the libraries are not
// repeated: they hold the url, or bytes of the answer.
func (f *Fetcher) explain(ctx context.Context, host string, err error) error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	cause := context.Cause(ctx)
	switch {
	case cause != nil && errors.Is(cause, ErrStalled):
		return &Error{Host: host, problem: fmt.Sprintf("sent nothing for %s", f.timeout), cause: ErrStalled}
	case cause != nil:
		return &Error{Host: host, problem: "was not waited for: " + ctx.Err().Error(), cause: ctx.Err()}
	case errors.Is(err, ErrNotAllowed):
		return &Error{Host: host, problem: "stands for an address that is not public", cause: ErrNotAllowed}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return f.tooLarge(host)
	}
	problem, cause := unreachable(err)
	return &Error{Host: host, problem: problem, cause: cause}
}

func (f *Fetcher) tooLarge(host string) error {
	return &Error{Host: host, problem: fmt.Sprintf("has a recording of more than %d bytes", f.maxBytes),
		cause: ErrTooLarge}
}

func unreachable(err error) (problem string, cause error) {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "cannot be found by DNS", nil
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "has a TLS certificate that this machine does not accept", nil
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses connections", nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "broke the connection off", ErrTruncated
	}
	return "could not be asked: it cannot be reached, or does not answer as an HTTP server does", nil
}
