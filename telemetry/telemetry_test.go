package telemetry

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// An id is shown unless it can be an address, a number or a name.
func TestID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"": "", "u1": "u1", "7f2e1dc7-9ed5-4acf-86ea-12fdf0555f11": "7f2e1dc7-9ed5-4acf-86ea-12fdf0555f11", "auth0|5f7c8ec7": "auth0|5f7c8ec7",
		"command:import": "command:import", "anna@example.org": hidden, "+420777123456": hidden, "Anna Berg": hidden,
		"Ännchen": hidden, "a\nb": hidden, `a"b`: hidden, "cn=anna,dc=example": hidden,
		strings.Repeat("a", longestID): strings.Repeat("a", longestID), strings.Repeat("a", longestID+1): hidden,
	} {
		if got := ID(id); got != want {
			t.Errorf("%q is shown as %q, want %q", id, got, want)
		}
	}
}

// Traces are made where the environment names where they go, and nothing else switches them off.
func TestWanted(t *testing.T) {
	t.Parallel()
	const exporter, all, traces, disabled = "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED"
	for name, row := range map[string]struct {
		environment map[string]string
		want        bool
	}{
		"nothing":             {nil, false},
		"an address":          {map[string]string{all: "http://x"}, true},
		"one for traces":      {map[string]string{traces: "http://x"}, true},
		"an exporter":         {map[string]string{exporter: "console"}, true},
		"none":                {map[string]string{exporter: "none", all: "http://x"}, false},
		"disabled":            {map[string]string{disabled: "true", all: "http://x", exporter: "otlp"}, false},
		"not disabled":        {map[string]string{disabled: "false", all: "http://x"}, true},
		"something else only": {map[string]string{"OTEL_SERVICE_NAME": "x", "OTEL_TRACES_SAMPLER": "always_on"}, false},
	} {
		if got := wanted(func(name string) string { return row.environment[name] }); got != row.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if tracer, err := OpenTracer(t.Context(), func(string) string { return "" }, "1", nil); tracer != nil || err != nil {
		t.Errorf("without a place to go there is the tracer %v, %v", tracer, err)
	}
}

// Where no traces are made they allocate nothing.
func TestNoTracesCostNothing(t *testing.T) {
	var none *Tracer
	if err := none.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	ctx := context.Background()
	if got := testing.AllocsPerRun(100, func() {
		ctx, root := none.Start(none.Continue(ctx, nil), "root")
		below, span := Start(ctx, "below")
		span.Word("word", "word")
		span.Number("number", 1_000_000)
		span.Name("name")
		span.Failed("code")
		span.End()
		Current(below).End()
		if root.Recorded() || span.Recorded() {
			t.Error("a span is recorded")
		}
		root.End()
	}); got != 0 {
		t.Errorf("%.0f allocations", got)
	}
}

// Each line has the facts once, whatever is made of the logger.
func TestFacts(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	facts := func(_ context.Context, line *slog.Record) { line.AddAttrs(slog.String("request", "r1")) }
	logger := WithFacts(WithFacts(slog.New(slog.NewTextHandler(&text, nil)), facts), facts)
	logger.Info("one")
	logger.With("more", 1).Info("two")
	logger.WithGroup("group").Info("three")
	logger.Debug("four")
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines: %s", len(lines), &text)
	}
	for _, line := range lines {
		if strings.Count(line, "request=r1") != 1 {
			t.Errorf("the facts are not there once: %s", line)
		}
	}
}
