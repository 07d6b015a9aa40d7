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

	"golang.org/x/sync/errgroup"
)

// maxHeaderBytes is the size of a request's header, with room for a token of 20 KB.
const maxHeaderBytes = 64 << 10

// Listen opens a TCP address, which the named flag gave. Its errors are for the operator. Call it before
// anything else is started, so that an address in use is reported at once.
func Listen(address, flag string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is already in use; "+
			"stop what listens there, or choose another address with %s", address, flag)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %q: %w; "+
			"choose an address with %s, such as 127.0.0.1:8080", address, err, flag)
	}
	return listener, nil
}

// Server serves a Handler.
type Server struct {
	Handler  *Handler
	Listener net.Listener
	// Admin is where what monitoring asks is served too; nil serves it nowhere else.
	Admin    net.Listener
	Timeouts Timeouts
	Logger   *slog.Logger
}

// Serve serves until ctx ends. Then /readyz answers 503 for a while, so that load balancers notice; the server
// takes no more connections, closes the WebSockets with 1001, and lets the requests under way finish, until
// the deadline cuts those that have not. That is no error.
func (s Server) Serve(ctx context.Context) error {
	public, admin := s.server(s.Handler), s.server(s.Handler.admin)
	defer func() { _ = admin.Close() }()
	failed := make(chan error, 2)
	go func() { failed <- public.Serve(s.Listener) }()
	if s.Admin != nil {
		go func() { failed <- admin.Serve(s.Admin) }()
	}
	select {
	case err := <-failed:
		return errors.Join(err, public.Close())
	case <-ctx.Done():
	}
	s.Handler.draining.Store(true)
	s.Logger.InfoContext(ctx, "draining", "for", s.Timeouts.Drain)
	select {
	case err := <-failed:
		return errors.Join(err, public.Close())
	case <-time.After(s.Timeouts.Drain):
	}
	s.shutdown(context.WithoutCancel(ctx), public)
	return nil
}

func (s Server) server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: s.Timeouts.Header, IdleTimeout: s.Timeouts.Idle,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
	}
}

// shutdown ends everything that is served, at the deadline by force.
func (s Server) shutdown(ctx context.Context, public *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeouts.Shutdown)
	defer cancel()
	var group errgroup.Group
	group.Go(func() error { return s.Handler.api.Shutdown(ctx) })
	group.Go(func() error { return public.Shutdown(ctx) })
	if err := group.Wait(); err != nil {
		s.Logger.WarnContext(ctx, "closed connections that were still open", "after", s.Timeouts.Shutdown)
		_ = public.Close()
	}
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
