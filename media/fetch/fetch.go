// Package fetch downloads recordings that a vCon only refers to. Whoever writes a vCon chooses its urls, so nothing is fetched but from hosts that the operator
// named, and never from an address inside the operator's own network (design, section 5).
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	maxRedirects   = 5
	defaultTimeout = 30 * time.Second
	defaultBytes   = 2 << 30
)

// Options say what may be fetched.
type Options struct {
	// Hosts are the names of hosts, with :PORT for one port only; *.example.com stands for every host below example.com.
	Hosts []string
	// MaxBytes bounds a recording; zero means 2 GB. Timeout bounds how long a server may take to begin its answer, and to go on with it; zero means 30 s.
	MaxBytes int64
	Timeout  time.Duration
	// Allow decides about the addresses that are connected to; nil allows public ones only.
	Allow func(netip.Addr) bool
}

// Fetcher downloads. It is safe for concurrent use.
type Fetcher struct {
	options Options
	client  *http.Client
}

// New makes a fetcher.
func New(options Options) *Fetcher {
	if options.MaxBytes <= 0 {
		options.MaxBytes = defaultBytes
	}
	if options.Timeout <= 0 {
		options.Timeout = defaultTimeout
	}
	if options.Allow == nil {
		options.Allow = Public
	}
	f := &Fetcher{options: options}
	dialer := &net.Dialer{Timeout: options.Timeout, ControlContext: f.control}
	f.client = &http.Client{
		// No proxy: it would connect to whatever it likes.
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: options.Timeout, ResponseHeaderTimeout: options.Timeout, DisableCompression: true, MaxIdleConnsPerHost: 4,
			IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: f.redirect,
	}
	return f
}

// control looks at the very address that is connected to, after its name was looked up, so that no name can lead elsewhere than it did when it was checked.
func (f *Fetcher) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !f.options.Allow(at.Addr()) {
		return errPrivate
	}
	return nil
}

var errPrivate = errors.New("the host has an address inside a private network")

func (f *Fetcher) redirect(next *http.Request, before []*http.Request) error {
	switch {
	case len(before) > maxRedirects:
		return errors.New("it redirects too often")
	case !f.allows(next.URL) || (before[0].URL.Scheme == "https" && next.URL.Scheme != "https"):
		return errors.New("it redirects to where nothing may be fetched from")
	}
	next.Header.Del("Referer")
	return nil
}

// Allows reports whether an address is one that may be fetched from: http or https, on a host that was named.
func (f *Fetcher) Allows(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && f.allows(parsed)
}

func (f *Fetcher) allows(address *url.URL) bool {
	if (address.Scheme != "http" && address.Scheme != "https") || address.User != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(address.Hostname(), "."))
	for _, listed := range f.options.Hosts {
		listed = strings.ToLower(strings.TrimSpace(listed))
		name, port := listed, ""
		if h, p, err := net.SplitHostPort(listed); err == nil {
			name, port = h, p
		}
		if port != "" && port != portOf(address) {
			continue
		}
		if domain, wild := strings.CutPrefix(name, "*."); host != "" && (host == name || (wild && strings.HasSuffix(host, "."+domain))) {
			return true
		}
	}
	return false
}

func portOf(address *url.URL) string {
	if port := address.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[address.Scheme]
}

// Fetch begins a download. What is read breaks off with an error where the recording is larger than allowed, is shorter than the server said, or does not go on.
// Errors name the host at most: the rest of a url may hold personal data.
func (f *Fetcher) Fetch(ctx context.Context, address string) (io.ReadCloser, error) {
	parsed, err := url.Parse(address)
	if err != nil || !f.allows(parsed) {
		return nil, errors.New("its url is not of a host that may be fetched from")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel(nil)
		return nil, errors.New("its url is none")
	}
	response, err := f.client.Do(request)
	if err != nil {
		cancel(nil)
		return nil, fmt.Errorf("it cannot be fetched from %s: %w", parsed.Hostname(), withoutURL(err))
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		cancel(nil)
		return nil, fmt.Errorf("%s answers with status %d", parsed.Hostname(), response.StatusCode)
	}
	if response.ContentLength > f.options.MaxBytes {
		_ = response.Body.Close()
		cancel(nil)
		return nil, fmt.Errorf("it is larger than %d bytes", f.options.MaxBytes)
	}
	return newBody(response.Body, f.options, cancel), nil
}

func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// body is a download with a bound on its size and on its standing still.
type body struct {
	from    io.ReadCloser
	left    int64
	options Options
	timer   *time.Timer
	cancel  context.CancelCauseFunc
}

var errStalled = errors.New("the server does not go on sending")

func newBody(from io.ReadCloser, options Options, cancel context.CancelCauseFunc) *body {
	return &body{from, options.MaxBytes, options, time.AfterFunc(options.Timeout, func() { cancel(errStalled) }), cancel}
}

// Read reads on.
func (b *body) Read(p []byte) (int, error) {
	b.timer.Reset(b.options.Timeout)
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("it is larger than %d bytes", b.options.MaxBytes)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, errors.New("it broke off before its end")
	case err != nil && err != io.EOF:
		return n, errStalled
	}
	return n, err
}

// Close ends the download.
func (b *body) Close() error {
	b.timer.Stop()
	err := b.from.Close()
	b.cancel(nil)
	return err
}
