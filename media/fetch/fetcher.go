// Package fetch downloads recordings whose addresses are in vCons. A vCon can hold any address, so
// only hosts that an operator listed are asked, and only at public addresses: nothing inside this
// server's own network can be reached through it.
package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

const (
	defaultTimeout = 30 * time.Second
	maxRedirects   = 5
	maxHeaders     = 64 << 10
)

// Options limit what may be fetched.
type Options struct {
	// Hosts may be asked: names (media.example), IP addresses, or *.media.example for every name below
	// media.example. An entry with a port (media.example:8443) allows that port; one without allows
	// the usual ports, 443 for https and 80 for http. Without hosts nothing is fetched.
	Hosts []string
	// MaxBytes is how long a recording may be. Required.
	MaxBytes int64
	// Timeout bounds the time until an answer begins, redirects included, and any time in which a
	// recording brings nothing; 0 means 30 seconds.
	Timeout time.Duration
	// AllowAddress says which addresses may be connected to; nil means Public. Any other is for tests.
	AllowAddress func(netip.Addr) bool
	// Resolver finds the addresses of names; nil means net.DefaultResolver.
	Resolver *net.Resolver
}

// Fetcher downloads recordings. It is safe for concurrent use.
type Fetcher struct {
	hosts    []host
	maxBytes int64
	timeout  time.Duration
	http     *http.Client
}

// New checks the options. The error names the entry of the list that cannot be read.
func New(options Options) (*Fetcher, error) {
	f := &Fetcher{maxBytes: options.MaxBytes, timeout: options.Timeout}
	for _, entry := range options.Hosts {
		found, err := listed(entry)
		if err != nil {
			return nil, err
		}
		f.hosts = append(f.hosts, found)
	}
	switch {
	case f.maxBytes <= 0:
		return nil, errors.New("recordings may have no bytes at all; give a number above 0")
	case f.timeout < 0:
		return nil, errors.New("the timeout for fetching recordings is negative; give a time such as 30s")
	case f.timeout == 0:
		f.timeout = defaultTimeout
	}
	f.http = &http.Client{Transport: newTransport(options, f.timeout), CheckRedirect: f.redirect}
	return f, nil
}

// Allows reports whether a url is https or http and its host is listed. Whether its address is public is
// known only when it is fetched.
func (f *Fetcher) Allows(rawURL string) bool {
	_, err := f.target(rawURL)
	return err == nil
}

// Close closes idle connections. The fetcher can be used afterwards.
func (f *Fetcher) Close() { f.http.CloseIdleConnections() }

// redirect checks a redirect as it does the first url, and removes the user and the Referer.
func (f *Fetcher) redirect(next *http.Request, before []*http.Request) error {
	last := before[len(before)-1].URL
	if len(before) > maxRedirects {
		return &Error{Host: last.Host, problem: "redirected too often", cause: ErrNotAllowed}
	}
	if last.Scheme == "https" && next.URL.Scheme != "https" {
		return &Error{Host: last.Host, problem: "redirected from https to an insecure url", cause: ErrNotAllowed}
	}
	address, err := f.check(next.URL)
	if err != nil {
		return err
	}
	next.URL, next.Host = address, ""
	next.Header.Del("Referer")
	return nil
}

// newTransport uses no proxy, not even the environment's: a proxy would make the connection, and the
// address could not be checked.
func newTransport(options Options, timeout time.Duration) *http.Transport {
	allow := options.AllowAddress
	if allow == nil {
		allow = Public
	}
	dialer := &net.Dialer{Timeout: timeout, Resolver: options.Resolver, ControlContext: guard(allow)}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
		MaxResponseHeaderBytes: maxHeaders, TLSHandshakeTimeout: timeout, IdleConnTimeout: timeout,
	}
}

// Body is a recording that is being downloaded. Reading it fails with ErrTooLarge beyond MaxBytes,
// with ErrTruncated if the connection ends before the recording, with ErrStalled if nothing comes for
// too long, and with the error of Fetch's ctx once that has ended. It has to be closed.
type Body struct {
	io.ReadCloser
	// MediaType is what the host says the recording is, such as audio/wav, without parameters; empty
	// if it does not say.
	MediaType string
	// Size is the number of bytes that the host announces, -1 if it does not.
	Size int64
}

// Fetch asks for a recording, and returns once the answer begins. ctx bounds the download to its end.
// Every error is an *Error.
func (f *Fetcher) Fetch(ctx context.Context, rawURL string) (Body, error) {
	address, err := f.target(rawURL)
	if err != nil {
		return Body{}, err
	}
	bounded, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(f.timeout, func() { cancel(ErrStalled) })
	get := (&http.Request{
		Method: http.MethodGet, URL: address,
		Header: http.Header{"Accept-Encoding": {"identity"}, "User-Agent": {"qm-compliance"}},
	}).WithContext(bounded)
	answer, err := f.http.Do(get)
	watch.Stop()
	if err != nil {
		err = f.explain(bounded, address.Host, err)
		cancel(nil)
		return Body{}, err
	}
	host := answer.Request.URL.Host
	if err := f.accept(answer, host); err != nil {
		_ = answer.Body.Close()
		cancel(nil)
		return Body{}, err
	}
	body := &reader{
		fetcher: f, ctx: bounded, cancel: cancel, watch: watch, host: host, source: answer.Body,
		limited: http.MaxBytesReader(nil, answer.Body, f.maxBytes),
	}
	return Body{ReadCloser: body, MediaType: mediaType(answer), Size: answer.ContentLength}, nil
}

// accept rejects answers that are not the whole recording, unchanged.
func (f *Fetcher) accept(answer *http.Response, host string) error {
	encoding := answer.Header.Get("Content-Encoding")
	switch {
	case answer.StatusCode != http.StatusOK:
		return &Error{Host: host, Status: answer.StatusCode,
			problem: fmt.Sprintf("returned status %d instead of 200", answer.StatusCode)}
	case encoding != "" && encoding != "identity":
		return &Error{Host: host, problem: "returned a compressed recording, which was not requested"}
	case answer.ContentLength > f.maxBytes:
		return f.tooLarge(host)
	}
	return nil
}

func mediaType(answer *http.Response) string {
	base, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return base
}

// reader is the body of a Body.
type reader struct {
	fetcher *Fetcher
	ctx     context.Context
	cancel  context.CancelCauseFunc
	watch   *time.Timer
	host    string
	source  io.Closer
	limited io.Reader
}

// Read watches the time only while it waits: a slow reader is not the host's fault.
func (r *reader) Read(p []byte) (int, error) {
	r.watch.Reset(r.fetcher.timeout)
	n, err := r.limited.Read(p)
	r.watch.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		// Whatever else ends a recording too early (a reset stream, a broken chunk) counts as an unexpected end.
		err = r.fetcher.explain(r.ctx, r.host, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return n, err
}

// Close ends the download. It does not fail.
func (r *reader) Close() error {
	r.watch.Stop()
	_ = r.source.Close()
	r.cancel(context.Canceled)
	return nil
}

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
		return &Error{Host: host, problem: fmt.Sprintf("sent no data for %s", f.timeout), cause: ErrStalled}
	case cause != nil:
		return &Error{Host: host, problem: "was cancelled:  " + ctx.Err().Error(), cause: ctx.Err()}
	case errors.Is(err, ErrNotAllowed):
		return &Error{Host: host, problem: "resolves to an address that is not public", cause: ErrNotAllowed}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return f.tooLarge(host)
	}
	problem, cause := unreachable(err)
	return &Error{Host: host, problem: problem, cause: cause}
}

func (f *Fetcher) tooLarge(host string) error {
	return &Error{Host: host, problem: fmt.Sprintf("has a recording larger than %d bytes", f.maxBytes),
		cause: ErrTooLarge}
}

func unreachable(err error) (problem string, cause error) {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "cannot be found by DNS", nil
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "has a TLS certificate that this machine does not trust", nil
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses connections", nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "closed the connection", ErrTruncated
	}
	return "could not be reached, or does not respond as an HTTP server", nil
}
