package interaction

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"qm-compliance/backoff"
)

// Error says why an attempt failed, in words for an operator's log. It holds nothing of the request or of the
// answer's body, and only scheme, host and port of the service's address.
type Error struct {
	// Status is the status of the answer, 0 if there was none.
	Status int
	// RetryAfter is how long the service asked the client to wait, 0 if it did not say.
	RetryAfter time.Duration

	service, problem string
	ended            error
}

// Error returns the message.
func (e *Error) Error() string { return "the Interaction service at " + e.service + " " + e.problem }

// Unwrap returns the error of the caller's context if that has ended, else nil.
func (e *Error) Unwrap() error { return e.ended }

// failed returns an error without a status.
func (c *Client) failed(problem string) *Error {
	return &Error{service: c.endpoint.Scheme + "://" + c.endpoint.Host, problem: problem}
}

// unanswered returns the error of an exchange without an answer. ctx is the caller's; bounded ends with the
// client's own timeout.
func (c *Client) unanswered(ctx, bounded context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		failed := c.failed("was cancelled:  " + ctx.Err().Error())
		failed.ended = ctx.Err()
		return failed
	case bounded.Err() != nil:
		return c.failed(fmt.Sprintf("did not respond within %s", c.timeout))
	}
	return c.failed(broken(err))
}

// answered returns nil if the service took the request, now (2xx) or in an earlier attempt (409).
func (c *Client) answered(response *http.Response) error {
	switch response.StatusCode {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent, http.StatusConflict:
		return nil
	}
	status := response.StatusCode
	failed := c.failed(fmt.Sprintf("returned status %d: %s", status, meaning(status)))
	failed.Status, failed.RetryAfter = status, retryAfter(response.Header, time.Now())
	return failed
}

// meaning says what a status other than taken means, and what to do about it.
func meaning(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "it rejected the request; check that it follows the same openapi.json"
	case http.StatusUnauthorized:
		return "it rejected the token; check the token"
	case http.StatusForbidden:
		return "it does not allow the request; check the permissions of the token"
	case http.StatusNotFound:
		return "it has no " + path + " there; check its URL"
	case http.StatusTooManyRequests:
		return "it has too many requests at the moment"
	case http.StatusServiceUnavailable:
		return "it is not available at the moment"
	}
	switch {
	case status >= 300 && status < 400:
		return "it redirects, and redirects are not followed; set its final address"
	case status >= 500:
		return "an internal error of the service"
	}
	return "a status that its contract does not define; 200, 201, 202, 204 and 409 count as accepted"
}

// broken says in plain words why an exchange brought no answer. It does not repeat the error's own
// words: they may hold the URL, or bytes of the answer.
func broken(err error) string {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return unresolved(name)
	}
	if problem := untrusted(err); problem != "" {
		return problem
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses connections; check that it runs, and its port"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "cannot be reached: there is no route to it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed the connection before it responded"
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return "did not respond in time"
	}
	return "could not be called: the address does not respond as an HTTP server, or a proxy interferes"
}

func unresolved(err *net.DNSError) string {
	if err.IsNotFound {
		return "cannot be found: DNS does not know its name"
	}
	return "cannot be found: DNS did not respond"
}

// untrusted returns what is wrong with TLS, or "" if something else failed.
func untrusted(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "has a TLS certificate for another name"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "has a TLS certificate of an authority that this machine does not trust"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "has a TLS certificate that has expired or is not valid yet"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "has a TLS certificate that is not valid"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "does not speak TLS there; check its port, or use http://"
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return "aborted the TLS handshake"
	}
	return ""
}

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
)

// Next returns how long to wait before the next attempt, when so many attempts have failed (1 after the
// first) and the last of them with err. The delay doubles from 1 second up to 15 minutes; if the service
// asked for a longer one, that one holds, up to 15 minutes. random returns numbers from 0 up to but
// excluding 1.
func Next(failed int, err error, random func() float64) time.Duration {
	delay := backoff.Exponential{First: firstDelay, Longest: longestDelay}.Delay(failed, random)
	if answer, ok := errors.AsType[*Error](err); ok {
		delay = max(delay, min(answer.RetryAfter, longestDelay))
	}
	return delay
}

// retryAfter reads the header Retry-After, which holds seconds or an HTTP date. It returns 0 if the header
// cannot be read or is in the past.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	seconds, err := strconv.ParseUint(value, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	if seconds > math.MaxInt64/uint64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds) * time.Second
}
