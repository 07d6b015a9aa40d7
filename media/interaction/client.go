// Package interaction asks the Interaction service, the system that owns media files, to delete them (design,
// section 4). The file openapi.json describes the one request that it makes.
package interaction

import (
	"bytes"
	"context"
	_ "embed" // the contract is part of the binary
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

const (
	defaultTimeout = 10 * time.Second
	// drained bounds how much of an answer is read, so that its connection can be used again. A longer answer
	// costs the connection.
	drained = 64 << 10
)

// Options say where the Interaction service is and how it is asked.
type Options struct {
	// URL is its address, http or https; it may have a path, a user and password, and a query.
	URL string
	// Token, where it is set, is sent as a bearer token.
	Token string
	// Timeout bounds an attempt from connecting to the end of the answer; 0 means 10 seconds.
	Timeout time.Duration
	// Transport makes the exchanges; nil means one of the client's own, which uses the environment's proxy.
	Transport http.RoundTripper
}

// Client is a Service over HTTP, as openapi.json describes it. It is safe for concurrent use.
type Client struct {
	endpoint *url.URL
	token    string
	timeout  time.Duration
	http     *http.Client
}

// NewClient checks the options; it does not connect. The error says what is wrong with them, without the
// address or the token.
func NewClient(options Options) (*Client, error) {
	address, err := endpoint(options.URL)
	if err != nil {
		return nil, err
	}
	switch {
	case !validToken(options.Token):
		return nil, errors.New("the Interaction service's token has characters that no bearer token has " +
			"(such as spaces or line breaks); give the token alone")
	case options.Token != "" && address.User != nil:
		return nil, errors.New("the Interaction service has both a token and a user in its URL, " +
			"and only one can be sent; leave one out")
	case options.Timeout < 0:
		return nil, errors.New("the Interaction service's timeout is negative; give a time such as 10s")
	case options.Timeout == 0:
		options.Timeout = defaultTimeout
	}
	client := newHTTP(options.Transport)
	return &Client{endpoint: address, token: options.Token, timeout: options.Timeout, http: client}, nil
}

// newHTTP follows no redirect: it could lead the request and its token to somebody else.
func newHTTP(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: drained,
		}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Send makes one attempt. Every error is an *Error, except for a request that cannot be written as JSON.
// If ctx has ended, the error is ctx's error as well.
func (c *Client) Send(ctx context.Context, request Request) error {
	body, err := request.encode()
	if err != nil {
		return err
	}
	return c.exchange(ctx, request.ID, body)
}

// Try asks the service whether it would take requests, without an effect: it sends an empty object, which asks for nothing,
// and which the contract has the service refuse as not well-formed. It returns nil where the service did so, or has taken
// it; else an *Error as Send's.
func (c *Client) Try(ctx context.Context) error {
	err := c.exchange(ctx, uuid.New(), []byte("{}"))
	refused, is := errors.AsType[*Error](err)
	if is && (refused.Status == http.StatusBadRequest || refused.Status == http.StatusUnprocessableEntity) {
		return nil
	}
	return err
}

// exchange makes one attempt to send a body.
func (c *Client) exchange(ctx context.Context, key uuid.UUID, body []byte) error {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	post, err := c.post(bounded, key.String(), body)
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
		return nil, c.failed("cannot be called at its URL; check the URL")
	}
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Idempotency-Key", key)
	post.Header.Set("User-Agent", "qm-compliance")
	if c.token != "" {
		post.Header.Set("Authorization", "Bearer "+c.token)
	}
	return post, nil
}

// Close closes idle connections. The client can be used afterwards.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// path is where requests go, below the service's address.
const path = "media-deletion-requests"

// endpoint checks the service's address, and joins it with the path. Its errors do not repeat the
// address, which may hold a password.
func endpoint(base string) (*url.URL, error) {
	address, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, errors.New("the Interaction service's URL cannot be read; " +
			"give one such as https://interaction.example/api")
	case address.Scheme != "http" && address.Scheme != "https":
		return nil, errors.New("the Interaction service's URL has to begin with https:// or http://")
	case address.Hostname() == "":
		return nil, errors.New("the Interaction service's URL names no host; " +
			"give one such as https://interaction.example/api")
	case !validPort(address):
		return nil, errors.New("the port in the Interaction service's URL has to be a number from 1 to 65535")
	case strings.Contains(base, "#"):
		return nil, errors.New("the Interaction service's URL has a fragment (# and what follows), " +
			"which is never sent; leave it out")
	}
	return address.JoinPath(path), nil
}

func validPort(address *url.URL) bool {
	if address.Port() == "" {
		return !strings.HasSuffix(address.Host, ":")
	}
	port, err := strconv.ParseUint(address.Port(), 10, 16)
	return err == nil && port > 0
}

// validToken reports whether the token can stand in a header: the alphabet of bearer tokens (RFC 6750).
func validToken(token string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
	return strings.Trim(token, allowed) == ""
}

//go:embed openapi.json
var openAPI []byte

// OpenAPI returns the contract between this server and the Interaction service, an OpenAPI 3.1 document
// in JSON.
func OpenAPI() []byte { return slices.Clone(openAPI) }

// Action says what is to happen to files.
type Action string

// The actions. Keep names files of an earlier Delete that have been protected meanwhile and must not be
// deleted.
const (
	Delete Action = "DELETE"
	Keep   Action = "KEEP"
)

// Request asks the Interaction service to delete files or to keep them. It must hold nothing personal.
type Request struct {
	// ID identifies the request across all its attempts: it is the idempotency key.
	ID uuid.UUID `json:"requestId"`
	// Sequence grows: of two requests about the same file the one with the higher sequence says what holds.
	Sequence     int64        `json:"sequence"`
	Action       Action       `json:"action"`
	Conversation Conversation `json:"conversation"`
	// Files are those that the request is about, at least one.
	Files           []File `json:"files"`
	SettingsVersion int    `json:"settingsVersion"`
	// RequestedAt is when the request was decided on, the same in every attempt.
	RequestedAt time.Time `json:"requestedAt"`
}

// Conversation is the one that the files belong to: its global id, and the uuids of the vCons that it
// was imported from.
type Conversation struct {
	ID    string      `json:"id"`
	Vcons []uuid.UUID `json:"vcons"`
}

// File is a media file, by its global id. ContentHash (such as sha512-...) and SourceURL are empty if
// its vCon did not give them.
type File struct {
	ID          string               `json:"id"`
	Kind        compliance.MediaKind `json:"kind"`
	ContentHash string               `json:"contentHash,omitempty"`
	SourceURL   string               `json:"sourceUrl,omitempty"`
}

// Service takes requests. Send returns nil once the request is taken, now or in an earlier attempt.
// After an error the caller sends the same request again, after the delay that Next returns.
type Service interface {
	Send(ctx context.Context, request Request) error
}

// Embedded takes every request without asking anybody: the files are in this server's own store, where
// the Delete tool deletes them.
type Embedded struct{}

// Send takes the request. It fails only if ctx has ended.
func (Embedded) Send(ctx context.Context, _ Request) error { return ctx.Err() }

// encode writes empty lists as lists, since the contract knows no null, and the time in UTC, so that
// every attempt has the same bytes.
func (r Request) encode() ([]byte, error) {
	if r.Conversation.Vcons == nil {
		r.Conversation.Vcons = []uuid.UUID{}
	}
	if r.Files == nil {
		r.Files = []File{}
	}
	r.RequestedAt = r.RequestedAt.UTC()
	return json.Marshal(r)
}
