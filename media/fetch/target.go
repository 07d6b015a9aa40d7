package fetch

import (
	"cmp"
	"net"
	"net/url"
	"slices"
)

// target reads a url and checks it against the list. What it returns asks the very host that was checked, without user and fragment.
func (f *Fetcher) target(rawURL string) (*url.URL, error) {
	address, err := url.Parse(rawURL)
	if err != nil {
		return nil, &Error{problem: "the url cannot be read", cause: ErrNotAllowed}
	}
	return f.check(address)
}

// check is target for a url that was read.
func (f *Fetcher) check(address *url.URL) (*url.URL, error) {
	if address.Scheme != "http" && address.Scheme != "https" {
		return nil, &Error{problem: "the url is neither https nor http", cause: ErrNotAllowed}
	}
	name, _ := normal(address.Hostname())
	asked := host{name: name, port: cmp.Or(address.Port(), usualPort(address.Scheme))}
	if name == "" || address.Opaque != "" || !validPort(asked.port) {
		return nil, &Error{problem: "the url names no host that can be asked", cause: ErrNotAllowed}
	}
	if !slices.ContainsFunc(f.hosts, func(h host) bool { return h.covers(asked, address.Scheme) }) {
		return nil, &Error{Host: written(asked, address.Scheme), problem: "is not among the hosts that recordings may be fetched from", cause: ErrNotAllowed}
	}
	clean := &url.URL{
		Scheme: address.Scheme, Host: written(asked, address.Scheme), Path: address.Path, RawPath: address.RawPath,
		RawQuery: address.RawQuery, ForceQuery: address.ForceQuery,
	}
	return clean, nil
}

// written is a host as it stands in a url: without the port that its scheme has anyway, since some services sign the host as it was asked for.
func written(h host, scheme string) string {
	full := net.JoinHostPort(h.name, h.port)
	if h.port == usualPort(scheme) {
		return full[:len(full)-len(h.port)-1]
	}
	return full
}
