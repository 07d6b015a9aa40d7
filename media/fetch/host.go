package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// host is a host of the list, or the one that a url asks.
type host struct {
	// name is in lower case, in ASCII (IDNA) and without a trailing dot, or an IP address.
	name string
	// port is empty where the list leaves it to the scheme.
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
		return host{}, fmt.Errorf("the host %q cannot be read; give a name such as media.example, media.example:8443 or *.media.example", entry)
	}
	found := host{port: read.Port(), any: wildcard}
	var isAddress bool
	found.name, isAddress = normal(read.Hostname())
	if found.name == "" || strings.HasSuffix(name, ":") || !validPort(found.port) || wildcard && isAddress {
		return host{}, fmt.Errorf("the host %q is none; give a name such as media.example, media.example:8443 or *.media.example", entry)
	}
	return found, nil
}

// normal writes a name in the one way that it is compared in, or as empty where it is no name. isAddress tells an IP address.
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
