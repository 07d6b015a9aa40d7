package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

const (
	headerTimeout   = 10 * time.Second
	shutdownTimeout = 30 * time.Second
)

// Listen opens a TCP address. Its errors are for the operator, and name the flag --listen. Call it before
// anything else is started, so that an address in use is reported at once.
func Listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is already in use; "+
			"stop what listens there, or choose another address with --listen", address)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %q: %w; "+
			"choose an address with --listen, such as 127.0.0.1:8080", address, err)
	}
	return listener, nil
}

// Serve serves on listener until ctx ends; then it accepts no more requests, and lets those under way finish.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return server.Shutdown(shutdown)
}

// IsLoopback reports whether only this machine can reach an address to listen on.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}
