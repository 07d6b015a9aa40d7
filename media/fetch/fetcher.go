package fetch

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	defaultTimeout = 30 * time.Second
	maxRedirects   = 5
	maxHeaders     = 64 << 10
)

// Options say what may be fetched.
type Options struct {
	// Hosts are those that may be asked: names (media.example), IP addresses, or *.media.example for every name below media.example. An entry with a port
	// (media.example:8443) allows that port; one without allows the usual ports, 443 for https and 80 for http. None means that nothing is fetched.
	Hosts []string
	// MaxBytes is how long a recording may be. Required.
	MaxBytes int64
	// Timeout bounds the time until an answer begins, redirects included, and any time in which a recording brings nothing; 0 means 30 seconds.
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

// Allows reports whether a url is https or http and its host is listed. Whether its address is public is known only when it is fetched.
func (f *Fetcher) Allows(rawURL string) bool {
	_, err := f.target(rawURL)
	return err == nil
}

// Close lets go of idle connections. The fetcher can be used afterwards.
func (f *Fetcher) Close() { f.http.CloseIdleConnections() }

// redirect sends a redirect the way of a first url: to a listed host, without user, and without a word about where it comes from.
func (f *Fetcher) redirect(next *http.Request, before []*http.Request) error {
	last := before[len(before)-1].URL
	if len(before) > maxRedirects {
		return &Error{Host: last.Host, problem: "redirects too often", cause: ErrNotAllowed}
	}
	if last.Scheme == "https" && next.URL.Scheme != "https" {
		return &Error{Host: last.Host, problem: "redirects from https to something less safe", cause: ErrNotAllowed}
	}
	address, err := f.check(next.URL)
	if err != nil {
		return err
	}
	next.URL, next.Host = address, ""
	next.Header.Del("Referer")
	return nil
}

// newTransport knows no proxy, not even the environment's: a proxy would make the connection, and the address could not be checked.
func newTransport(options Options, timeout time.Duration) *http.Transport {
	allow := options.AllowAddress
	if allow == nil {
		allow = Public
	}
	dialer := &net.Dialer{Timeout: timeout, Resolver: options.Resolver, ControlContext: guard(allow)}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, MaxResponseHeaderBytes: maxHeaders,
		TLSHandshakeTimeout: timeout, IdleConnTimeout: timeout,
	}
}
