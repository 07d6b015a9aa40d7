package httpserver

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"qm-compliance/graph"
	"qm-compliance/telemetry"
)

// serve serves a request, and tells of it to the metrics, to the log where that takes lines for debugging, and to
// the trace.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	r, span := h.begin(r)
	status := h.options.Timeouts.pace(w, r, (*recovering)(h))
	took, route := time.Since(begun), r.Pattern
	h.meter.answered(route, status, took)
	if h.logger.Enabled(r.Context(), slog.LevelDebug) {
		h.logger.DebugContext(r.Context(), "request", "method", methodOf(r), "route", route, "status", status, "took", took)
	}
	if span.Recorded() {
		span.Name(methodOf(r) + " " + route)
		span.Word("http.route", route)
		span.Number("http.response.status_code", status)
		if status >= http.StatusInternalServerError {
			span.Failed("server error")
		}
	}
	span.End()
}

// begin begins the span of a request. A WebSocket has none: it lasts as long as the client wants, and its operations have spans of
// their own.
func (h *Handler) begin(r *http.Request) (*http.Request, telemetry.Span) {
	if h.options.Tracer == nil || r.Header.Get("Upgrade") != "" {
		return r, telemetry.Span{}
	}
	ctx := r.Context()
	if h.fromProxy(r) {
		ctx = h.options.Tracer.Continue(ctx, r.Header)
	}
	ctx, span := h.options.Tracer.Start(ctx, "request")
	if !span.Recorded() {
		return r.WithContext(ctx), span
	}
	span.Word("http.request.method", methodOf(r))
	span.Word("qm.request", graph.RequestID(ctx))
	return r.WithContext(ctx), span
}

// methodOf is the method of a request, as far as HTTP knows it: a client may write anything there.
func methodOf(r *http.Request) string {
	known := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace,
	}
	if slices.Contains(known, r.Method) {
		return r.Method
	}
	return "other"
}

// recovering is a handler that answers 500 where a panic comes up. Net/http would log the value of the panic, which
// may hold personal data; this logs where it happened alone.
type recovering Handler

// ServeHTTP serves a request of any route.
func (h *recovering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if value != http.ErrAbortHandler {
			h.logger.ErrorContext(r.Context(), "panic", "code", "INTERNAL", "stack", string(debug.Stack()))
		}
		if paced, ok := w.(*pacedWriter); !ok || paced.status != 0 || value == http.ErrAbortHandler {
			panic(http.ErrAbortHandler) // ends the connection, so that nobody takes half an answer for a whole one
		}
		http.Error(w, "something went wrong; the request id is "+graph.RequestID(r.Context()), http.StatusInternalServerError)
	}()
	h.routes.ServeHTTP(w, r)
}

// proxyID is an id of a request that a proxy makes: a UUID, or its 32 digits without hyphens. Anything else may be a text.
var proxyID = regexp.MustCompile(`^[0-9a-f]{8}(-?)[0-9a-f]{4}(-?)[0-9a-f]{4}(-?)[0-9a-f]{4}(-?)[0-9a-f]{12}$`)

// identified takes over the id that a trusted proxy has given a request.
func (h *Handler) identified(r *http.Request) context.Context {
	if id := r.Header.Get("X-Request-Id"); h.fromProxy(r) && proxyID.MatchString(id) {
		return graph.ContextWithRequestID(r.Context(), id)
	}
	return r.Context()
}

// fromProxy reports whether a request comes from a proxy that is trusted.
func (h *Handler) fromProxy(r *http.Request) bool {
	if len(h.options.TrustedProxies) == 0 {
		return false
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(h.options.TrustedProxies, func(proxy netip.Prefix) bool {
		return proxy.Contains(from.Addr().Unmap().WithZone(""))
	})
}
