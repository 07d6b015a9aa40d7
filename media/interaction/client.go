package interaction

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// DefaultTimeout is how long one exchange with the service may take.
const DefaultTimeout = 10 * time.Second

// maxAnswer is how much of an answer is read, so that its connection can be used again; nothing in it matters.
const maxAnswer = 64 << 10

// Options say where the service is.
type Options struct {
	// URL is the address of the service, with http or https; the path of the operation is added to it.
	URL string
	// Token is sent as a bearer token; empty for none.
	Token string
	// Timeout bounds one exchange from connecting to the end of the answer; zero means DefaultTimeout.
	Timeout time.Duration
}

// Client is the service behind HTTP. It is safe for concurrent use.
type Client struct {
	address, token string
	timeout        time.Duration
	http           *http.Client
}

// NewClient makes a client, or says what is wrong with the address. It does not try to reach the service.
func NewClient(options Options) (*Client, error) {
	address, err := url.Parse(options.URL)
	if err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https") || address.Fragment != "" || address.RawQuery != "" || address.User != nil {
		return nil, errors.New("INTERACTION_SERVICE_URL is no address of a service; it should read https://HOST/PATH, without user, query and fragment")
	}
	timeout := options.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	// A redirect is not followed: the request would arrive somewhere that nobody configured.
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		address: address.JoinPath("media-deletion-requests").String(), token: options.Token, timeout: timeout,
		http: &http.Client{CheckRedirect: stay},
	}, nil
}

// Send sends a request once. An *Error says why it was not taken, or may not have been.
func (c *Client) Send(ctx context.Context, request Request) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Idempotency-Key", request.ID.String())
	if c.token != "" {
		post.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(post)
	if err != nil {
		return &Error{Message: c.whyUnreachable(err)}
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return judge(response)
}

// judge says what an answer means.
func judge(response *http.Response) error {
	switch status := response.StatusCode; {
	case status == http.StatusOK, status == http.StatusAccepted, status == http.StatusNoContent, status == http.StatusConflict:
		return nil
	case status >= 300 && status < 400:
		return &Error{Message: fmt.Sprintf("the Interaction service answers with a redirect (%d), which is not followed; check INTERACTION_SERVICE_URL", status)}
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &Error{Message: fmt.Sprintf("the Interaction service does not accept the token (%d)", status)}
	default:
		return &Error{Message: fmt.Sprintf("the Interaction service answers with status %d", status), RetryAfter: retryAfter(response.Header.Get("Retry-After"), time.Now())}
	}
}

// retryAfter reads the header: seconds, or an HTTP date; zero where it is neither.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return min(time.Duration(seconds)*time.Second, maxDelay)
	}
	if at, err := http.ParseTime(header); err == nil && at.After(now) {
		return min(at.Sub(now), maxDelay)
	}
	return 0
}

// whyUnreachable tells apart what can go wrong before there is an answer, without repeating the address.
func (c *Client) whyUnreachable(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("the Interaction service did not answer within %s", c.timeout)
	}
	return "the Interaction service cannot be reached: " + err.Error()
}

// Error says why a request was not taken.
type Error struct {
	// Message is for an operator.
	Message string
	// RetryAfter is how long the service asks to wait; zero where it does not say.
	RetryAfter time.Duration
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }
