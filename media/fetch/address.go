package fetch

import (
	"context"
	"net/netip"
	"syscall"
)

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
