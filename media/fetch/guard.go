package fetch

import (
	"context"
	"net/netip"
	"syscall"
)

// control is what a net.Dialer calls before it connects.
type control = func(ctx context.Context, network, address string, connection syscall.RawConn) error

// guard refuses addresses at the last moment, when a name has been resolved and the connection is about to be made: a name that stands for
// another address the next time it is asked for does not get round it.
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
