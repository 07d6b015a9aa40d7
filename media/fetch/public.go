package fetch

import "net/netip"

// reserved are the networks that are not of the public internet, besides those that netip tells by itself (IANA's registries of special-purpose addresses).
func reserved() []string {
	return []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	}
}

// Public reports whether an address is one of the public internet: not of this machine, of a private network, of a link, of a group, or kept for other uses; nor one
// that carries such an address in it.
func Public(address netip.Addr) bool {
	if address.Zone() != "" {
		return false
	}
	address = address.Unmap()
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range reserved() {
		if netip.MustParsePrefix(network).Contains(address) {
			return false
		}
	}
	return true
}
