package interaction

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Error says why an attempt failed, in words for an operator's log. It holds nothing of the request, of the answer's body, or of the service's address but
// scheme, host and port.
type Error struct {
	// Status is that of the answer, 0 where there was none.
	Status int
	// RetryAfter is how long the service asked to be left alone, 0 where it did not say.
	RetryAfter time.Duration

	service, problem string
	ended            error
}

// Error returns the message.
func (e *Error) Error() string { return "the Interaction service at " + e.service + " " + e.problem }

// Unwrap returns the error of the caller's context where that had ended, else nil.
func (e *Error) Unwrap() error { return e.ended }

func (c *Client) failed(problem string) *Error {
	return &Error{service: c.endpoint.Scheme + "://" + c.endpoint.Host, problem: problem}
}

// unanswered is the error of an exchange that brought no answer. ctx is the caller's, bounded the one that the client's own timeout ends.
func (c *Client) unanswered(ctx, bounded context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		failed := c.failed("was not waited for: " + ctx.Err().Error())
		failed.ended = ctx.Err()
		return failed
	case bounded.Err() != nil:
		return c.failed(fmt.Sprintf("did not answer within %s", c.timeout))
	}
	return c.failed(broken(err))
}

// answered is nil where the service took the request, now (2xx) or in an earlier attempt (409).
func (c *Client) answered(response *http.Response) error {
	switch response.StatusCode {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent, http.StatusConflict:
		return nil
	}
	failed := c.failed(fmt.Sprintf("answered with status %d: %s", response.StatusCode, meaning(response.StatusCode)))
	failed.Status, failed.RetryAfter = response.StatusCode, retryAfter(response.Header, time.Now())
	return failed
}

// meaning says what a status other than taken means, and what to do where something can be done.
func meaning(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return "it refuses the request; check that it follows the same openapi.yaml"
	case http.StatusUnauthorized:
		return "it does not know who asks; check the token"
	case http.StatusForbidden:
		return "it does not allow the request; check what the token may do"
	case http.StatusNotFound:
		return "it has no " + path + " there; check its URL"
	case http.StatusTooManyRequests:
		return "it has too many requests at the moment"
	case http.StatusServiceUnavailable:
		return "it is not available at the moment"
	}
	switch {
	case status >= 300 && status < 400:
		return "it redirects, which is not followed; set its final address"
	case status >= 500:
		return "something went wrong in it"
	}
	return "nothing that its contract knows; 200, 201, 202, 204 and 409 count as taken"
}
