package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Tracer begins the spans of requests and of the work in the background. Nil begins none, and costs nothing.
type Tracer struct {
	tracer   trace.Tracer
	shutdown func(context.Context) error
}

// scope names the program among what makes spans.
const scope = "qm-compliance"

// OpenTracer makes the tracer that the environment asks for, by the variables of OpenTelemetry: nil where neither
// an exporter nor an address to export to is named, or where the SDK is disabled. What goes wrong with the export is logged.
func OpenTracer(ctx context.Context, getenv func(string) string, version string, logger *slog.Logger) (*Tracer, error) {
	if !wanted(getenv) {
		return nil, nil
	}
	exporter, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return nil, fmt.Errorf("traces cannot be exported; check OTEL_TRACES_EXPORTER and OTEL_EXPORTER_OTLP_*: %w", err)
	}
	// What describes the process holds its command line, in which there may be a password.
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", scope), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(&exportTroubles{logger: logger})
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))
	return &Tracer{provider.Tracer(scope), provider.Shutdown}, nil
}

// NewTracer makes a tracer of a provider, which the caller ends.
func NewTracer(provider trace.TracerProvider) *Tracer {
	return &Tracer{provider.Tracer(scope), func(context.Context) error { return nil }}
}

// wanted reports whether the environment names where traces go.
func wanted(getenv func(string) string) bool {
	if getenv("OTEL_SDK_DISABLED") == "true" || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return false
	}
	for _, name := range []string{
		"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
	} {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}

// Shutdown exports the spans that have ended and have not been exported yet.
func (t *Tracer) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.shutdown(ctx)
}

// Start begins a span, below that of the context if there is one.
func (t *Tracer) Start(ctx context.Context, name string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.tracer.Start(ctx, name)
	return ctx, Span{span}
}

// Continue lets spans of the context belong to the trace that a request names (traceparent). Only call it for
// requests of somebody who is trusted.
func (t *Tracer) Continue(ctx context.Context, header http.Header) context.Context {
	if t == nil {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header))
}

// Start begins a span below that of the context. Where the context has none that is recorded, it begins nothing and costs nothing.
func Start(ctx context.Context, name string) (context.Context, Span) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, Span{}
	}
	ctx, span := parent.TracerProvider().Tracer(scope).Start(ctx, name)
	return ctx, Span{span}
}

// Current is the span of the context.
func Current(ctx context.Context) Span {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		return Span{span}
	}
	return Span{}
}

// Span is a part of a trace. The zero value is none: its methods do nothing.
type Span struct{ span trace.Span }

// Recorded reports whether the span goes into a trace.
func (s Span) Recorded() bool { return s.span != nil && s.span.IsRecording() }

// Word sets an attribute to a word of the program, such as a code or the name of a route; never to a text of a client.
func (s Span) Word(key, word string) {
	if s.span != nil {
		s.span.SetAttributes(attribute.String(key, word))
	}
}

// Number sets an attribute to a number.
func (s Span) Number(key string, number int) {
	if s.span != nil {
		s.span.SetAttributes(attribute.Int(key, number))
	}
}

// Name gives the span another name, of words of the program.
func (s Span) Name(name string) {
	if s.span != nil {
		s.span.SetName(name)
	}
}

// Failed marks the span as failed, with a code of the program; never with the text of an error.
func (s Span) Failed(code string) {
	if s.span != nil {
		s.span.SetStatus(codes.Error, code)
	}
}

// End ends the span.
func (s Span) End() {
	if s.span != nil {
		s.span.End()
	}
}

// exportTroubles says in the log that traces cannot be exported, once a minute at most.
type exportTroubles struct {
	logger *slog.Logger

	mu   sync.Mutex
	next time.Time
}

// Handle is part of otel.ErrorHandler.
func (e *exportTroubles) Handle(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if now.Before(e.next) {
		return
	}
	e.next = now.Add(time.Minute)
	e.logger.Warn("traces are lost: they cannot be exported", "error", err)
}
