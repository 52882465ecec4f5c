package main

import (
	"context"
	"errors"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/log/global"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// What the SDK reads, where nothing else is set.
var settings = map[string]string{
	"OTEL_SERVICE_NAME":           "suggestions", // the service it stands in for: pages group by this name
	"OTEL_RESOURCE_ATTRIBUTES":    "service.namespace=acmeshop",
	"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318",
	"OTEL_BSP_SCHEDULE_DELAY":     "500", // milliseconds; the SDK's 5000 is long to wait for a page
	"OTEL_BLRP_SCHEDULE_DELAY":    "500",
}

// startTelemetry sets the providers of traces and logs, and the propagator, for the whole program. What it
// returns sends what is still here.
func startTelemetry(ctx context.Context) (func(context.Context) error, error) {
	for name, value := range settings {
		if os.Getenv(name) == "" {
			os.Setenv(name, value)
		}
	}
	from, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(), resource.WithProcess())
	if err != nil {
		return nil, err
	}
	spans, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	records, err := otlploghttp.New(ctx)
	if err != nil {
		return nil, err
	}
	// Its sampler is the default one, parent-based: what the caller samples is recorded.
	traces := sdktrace.NewTracerProvider(sdktrace.WithResource(from), sdktrace.WithBatcher(spans))
	logs := sdklog.NewLoggerProvider(
		sdklog.WithResource(from), sdklog.WithProcessor(sdklog.NewBatchProcessor(records)))
	otel.SetTracerProvider(traces)
	global.SetLoggerProvider(logs)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}))
	return func(ctx context.Context) error {
		return errors.Join(traces.Shutdown(ctx), logs.Shutdown(ctx))
	}, nil
}
