package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/trace"
)

// Log lines: as JSON on standard output, and as OTLP, both with the ids of the span at work.
var log = slog.New(slog.NewMultiHandler(
	withIDs{slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: named}).
		WithAttrs([]slog.Attr{slog.String("service", "suggestions")})},
	otelslog.NewHandler("suggestions"),
))

// withIDs adds the ids of the span to a line; otelslog does so by itself.
type withIDs struct{ slog.Handler }

func (h withIDs) Handle(ctx context.Context, record slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(
			slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h withIDs) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withIDs{h.Handler.WithAttrs(attrs)}
}

func (h withIDs) WithGroup(name string) slog.Handler { return withIDs{h.Handler.WithGroup(name)} }

// named gives time and message the form that they have in the log of the shop.
func named(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.TimeKey:
		return slog.String("time", attr.Value.Time().UTC().Format(time.RFC3339Nano))
	case slog.MessageKey:
		attr.Key = "message"
	}
	return attr
}
