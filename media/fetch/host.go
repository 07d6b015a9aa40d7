package fetch

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"

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
		return nil, &Error{problem: "the url has no valid host", cause: ErrNotAllowed}
	}
	if !slices.ContainsFunc(f.hosts, func(h host) bool { return h.covers(asked, address.Scheme) }) {
		return nil, &Error{Host: written(asked, address.Scheme),
			problem: "is not one of the hosts from which recordings may be fetched", cause: ErrNotAllowed}
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

// Public reports whether an address is one that the whole internet can reach: a unicast address outside
// every range set aside for machines, private networks, providers' networks, examples and tests. An IPv6
// address that stands for an IPv4 address (mapped, NAT64) is as public as that.
func Public(address netip.Addr) bool {
	if address.Zone() != "" {
		return false
	}
	address = plain(address)
	return within(address, unicast()) && !within(address, special())
}

// plain is the IPv4 address that an IPv6 address stands for, else the address.
func plain(address netip.Addr) netip.Addr {
	if netip.MustParsePrefix("64:ff9b::/96").Contains(address) {
		bytes := address.As16()
		return netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return address.Unmap()
}

func within(address netip.Addr, ranges []string) bool {
	for _, text := range ranges {
		if netip.MustParsePrefix(text).Contains(address) {
			return true
		}
	}
	return false
}

// unicast are the ranges that public addresses are given out of. All of IPv6 outside has a use of its
// own, or none yet.
func unicast() []string { return []string{"0.0.0.0/0", "2000::/3"} }

// special are the ranges within unicast that are not public (IANA's registries of special-purpose addresses).
func special() []string {
	return []string{
		"0.0.0.0/8",        // this network
		"10.0.0.0/8",       // private
		"100.64.0.0/10",    // between a provider and its customers
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // a cloud's machines ask their host there
		"169.254.0.0/16",   // link-local, and where clouds hand out credentials
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocols
		"192.0.2.0/24",     // documentation
		"192.88.99.0/24",   // relays of 6to4
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarks
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, and broadcast
		"2001::/23",        // protocols, among them Teredo, which stands for an IPv4 address
		"2001:db8::/32",    // documentation
		"2002::/16",        // 6to4, which stands for an IPv4 address
		"3fff::/20",        // documentation
	}
}

// control is what a net.Dialer calls before it connects.
type control = func(ctx context.Context, network, address string, connection syscall.RawConn) error

// guard rejects addresses at the last moment, when a name has been resolved and the connection is
// about to be made, so that a name that resolves to another address the next time cannot get round it.
func guard(allow func(netip.Addr) bool) control {
	return func(_ context.Context, network, address string, _ syscall.RawConn) error {
		if network != "tcp4" && network != "tcp6" {
			return ErrNotAllowed
		}
		concrete, err := netip.ParseAddrPort(address)
		if err != nil || !allow(concrete.Addr()) {
			return ErrNotAllowed
		}
		return nil
	}
}
