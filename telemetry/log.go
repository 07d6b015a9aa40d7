// Package telemetry says what the program does, without saying anything about persons: it completes the lines
// of the log with what is known of the request, and begins the spans of traces. Nothing in it takes a text of a client, a value of a
// conversation or a statement's argument.
package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Facts adds to a line of the log what the context says of the request that it belongs to.
type Facts func(ctx context.Context, line *slog.Record)

// WithFacts makes a logger that completes each line with facts, and with the ids of the trace, if there is
// one. A logger that it has made is returned as it is.
func WithFacts(logger *slog.Logger, facts Facts) *slog.Logger {
	if _, done := logger.Handler().(*handler); done {
		return logger
	}
	return slog.New(&handler{logger.Handler(), facts})
}

type handler struct {
	next  slog.Handler
	facts Facts
}

// Enabled is part of slog.Handler.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle completes a line and passes it on.
func (h *handler) Handle(ctx context.Context, line slog.Record) error {
	h.facts(ctx, &line)
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		line.AddAttrs(slog.String("trace", span.TraceID().String()), slog.String("span", span.SpanID().String()))
	}
	return h.next.Handle(ctx, line)
}

// WithAttrs is part of slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.next.WithAttrs(attrs), h.facts}
}

// WithGroup is part of slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.next.WithGroup(name), h.facts}
}

// longestID is how long an id may be that is shown.
const longestID = 64

// ID is the id of a person as it may be shown. An identity provider may use an e-mail address, a phone number or
// a name as the id: of an id that can be one of these nothing is shown but that there is one.
func ID(id string) string {
	if len(id) > longestID {
		return hidden
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == ':', c == '|':
		default:
			return hidden
		}
	}
	return id
}

// hidden stands for an id that is not shown.
const hidden = "(hidden)"
