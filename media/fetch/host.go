package fetch

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// host is a host of the list, or the one that a url asks.
type host struct {
	// name is in lower case, in ASCII (IDNA) and without a trailing dot, or an IP address.
	name string
	// port is empty if the list leaves it to the scheme.
	port string
	// any stands for every name below this one, in the list alone.
	any bool
}

// listed reads an entry of the list: a name, an IP address or *.name, each perhaps with a port.
func listed(entry string) (host, error) {
	name, wildcard := strings.CutPrefix(strings.TrimSpace(entry), "*.")
	if address, err := netip.ParseAddr(name); err == nil && address.Is6() {
		name = "[" + name + "]"
	}
	read, err := url.Parse("//" + name)
	if err != nil || read.Host != name || name == "" {
		return host{}, fmt.Errorf("the host %q cannot be read; give a name such as media.example, "+
			"media.example:8443 or *.media.example", entry)
	}
	found := host{port: read.Port(), any: wildcard}
	var isAddress bool
	found.name, isAddress = normal(read.Hostname())
	if found.name == "" || strings.HasSuffix(name, ":") || !validPort(found.port) || wildcard && isAddress {
		return host{}, fmt.Errorf("the host %q is none; give a name such as media.example, media.example:8443 "+
			"or *.media.example", entry)
	}
	return found, nil
}

// normal returns a name in the form in which names are compared, or "" if it is not a name. isAddress
// reports whether it is an IP address.
func normal(name string) (written string, isAddress bool) {
	name = strings.TrimSuffix(name, ".")
	if address, err := netip.ParseAddr(name); err == nil {
		if address.Zone() != "" {
			return "", true
		}
		return address.String(), true
	}
	names := idna.New(idna.MapForLookup(), idna.CheckHyphens(false), idna.VerifyDNSLength(true))
	written, err := names.ToASCII(name)
	if err != nil {
		return "", false
	}
	return written, false
}

// validPort reports whether the port is a number that a connection can be made to, or absent.
func validPort(port string) bool {
	if port == "" {
		return true
	}
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}

// covers reports whether this entry of the list names the host that a url asks.
func (h host) covers(asked host, scheme string) bool {
	if h.any && !strings.HasSuffix(asked.name, "."+h.name) || !h.any && asked.name != h.name {
		return false
	}
	if h.port == "" {
		return asked.port == usualPort(scheme)
	}
	return asked.port == h.port
}

func usualPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// target reads a url and checks it against the list. It returns a url of the very host that was
// checked, without user and fragment.
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
		return nil, &Error{Host: written(asked, address.Scheme),
			problem: "is not among the hosts that recordings may be fetched from", cause: ErrNotAllowed}
	}
	clean := &url.URL{
		Scheme: address.Scheme, Host: written(asked, address.Scheme), Path: address.Path, RawPath: address.RawPath,
		RawQuery: address.RawQuery, ForceQuery: address.ForceQuery,
	}
	return clean, nil
}

// written returns a host as it stands in a url: without the port that its scheme has anyway, since
// some services sign the host as it was asked for.
func written(h host, scheme string) string {
	full := net.JoinHostPort(h.name, h.port)
	if h.port == usualPort(scheme) {
		return full[:len(full)-len(h.port)-1]
	}
	return full
}
