package interaction

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	defaultTimeout = 10 * time.Second
	// drained is how much of an answer is read, so that its connection can be used again. Longer answers cost the connection.
	drained = 64 << 10
)

// Options say where the Interaction service is.
type Options struct {
	// URL is its address, http or https; it may have a path, a user and password, and a query.
	URL string
	// Token, where it is set, is sent as a bearer token.
	Token string
	// Timeout bounds an attempt from connecting to the end of the answer; 0 means 10 seconds.
	Timeout time.Duration
	// Transport makes the exchanges; nil means one of the client's own, which uses the proxy that the environment names.
	Transport http.RoundTripper
}

// Client is a Service that is asked over HTTP, as openapi.yaml describes. It is safe for concurrent use.
type Client struct {
	endpoint *url.URL
	token    string
	timeout  time.Duration
	http     *http.Client
}

// NewClient checks the options; it does not connect. The error says what is wrong with them, without the address or the token.
func NewClient(options Options) (*Client, error) {
	address, err := endpoint(options.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case !validToken(options.Token):
		return nil, errors.New("the Interaction service's token has characters that no bearer token has (such as spaces or line breaks); give the token alone")
	case options.Token != "" && address.User != nil:
		return nil, errors.New("the Interaction service has both a token and a user in its URL, and only one can be sent; leave one out")
	case options.Timeout < 0:
		return nil, errors.New("the Interaction service's timeout is negative; give a time such as 10s")
	case options.Timeout == 0:
		options.Timeout = defaultTimeout
	}
	return &Client{endpoint: address, token: options.Token, timeout: options.Timeout, http: newHTTP(options.Transport)}, nil
}

// newHTTP follows no redirect: it could lead the request and its token to somebody else.
func newHTTP(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: drained,
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Send makes one attempt. Every error but that of a request which cannot be written as JSON is an *Error; where ctx ended it is ctx's error as well.
func (c *Client) Send(ctx context.Context, request Request) error {
	body, err := request.encode()
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	post, err := c.post(bounded, request.ID.String(), body)
	if err != nil {
		return err
	}
	response, err := c.http.Do(post)
	if err != nil {
		return c.unanswered(ctx, bounded, err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.CopyN(io.Discard, response.Body, drained)
	return c.answered(response)
}

func (c *Client) post(ctx context.Context, key string, body []byte) (*http.Request, error) {
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return nil, c.failed("cannot be asked under its URL; check it")
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Idempotency-Key", key)
	post.Header.Set("User-Agent", "qm-compliance")
	if c.token != "" {
		post.Header.Set("Authorization", "Bearer "+c.token)
	}
	return post, nil
}

// Close lets go of idle connections. The client can be used afterwards.
func (c *Client) Close() { c.http.CloseIdleConnections() }
