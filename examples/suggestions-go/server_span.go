package main

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("acmeshop/suggestions")

// answer notes the status that a handler answers with.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// serverSpans makes one SERVER span for each request: a child of the caller's span, whose context is in the
// headers. It is named after the route, which is known once the mux has found it.
func serverSpans(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			mux.ServeHTTP(w, r)
			return
		}
		ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer),
			trace.WithAttributes(
				attribute.String("http.request.method", r.Method),
				attribute.String("url.path", r.URL.Path),
				attribute.String("url.scheme", "http"),
				attribute.String("server.address", (&url.URL{Host: r.Host}).Hostname()),
			))
		defer span.End()
		r = r.WithContext(ctx)
		answered := &answer{w, http.StatusOK}
		defer func() {
			if thrown := recover(); thrown != nil {
				failed(answered, r, fmt.Errorf("%v\n%s", thrown, debug.Stack()))
			}
			if _, route, found := strings.Cut(r.Pattern, " "); found {
				span.SetName(r.Method + " " + route)
				span.SetAttributes(attribute.String("http.route", route))
			}
			span.SetAttributes(attribute.Int("http.response.status_code", answered.status))
			if answered.status >= 500 { // a 4xx is the caller's mistake, no error of the server
				span.SetStatus(codes.Error, "")
			}
		}()
		mux.ServeHTTP(answered, r)
	})
}

// failed answers what should not have happened, and records it.
func failed(w http.ResponseWriter, r *http.Request, err error) {
	trace.SpanFromContext(r.Context()).RecordError(err)
	log.ErrorContext(r.Context(), err.Error())
	refuse(w, http.StatusInternalServerError, "internal", "this should not have happened; the log has the reason")
}
