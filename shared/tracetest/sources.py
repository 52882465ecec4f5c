"""Where a test finds traces: the SDK's memory, or a backend that speaks Jaeger's `/api/v3`."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any, Protocol

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_span_id, format_trace_id

from shared.tracetest.model import Span
from shared.tracetest.trace import Trace

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
ERROR = 2


class Source(Protocol):
    """Somewhere to look for a trace; `eventual` says that it may come in pieces."""

    eventual: bool

    def trace(self, trace_id: str) -> Trace: ...


class InMemory:
    """The spans that services in this very process handed to one exporter: complete at once."""

    eventual = False

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def trace(self, trace_id: str) -> Trace:
        spans = map(from_sdk, self._exporter.get_finished_spans())
        return Trace(span for span in spans if span.trace_id == trace_id)


class Backend:
    """lens or Jaeger, by its base URL, as in http://127.0.0.1:16686."""

    eventual = True

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def trace(self, trace_id: str) -> Trace:
        url = f"{self._url}/api/v3/traces/{trace_id}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # the test says which
                return Trace(from_otlp(json.load(answer)))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                return Trace([])
            raise


def from_sdk(span: ReadableSpan) -> Span:
    context, kind = span.get_span_context(), span.kind
    assert context is not None
    return Span(
        trace_id=format_trace_id(context.trace_id),
        span_id=format_span_id(context.span_id),
        parent_id=format_span_id(span.parent.span_id) if span.parent else "",
        service=str(span.resource.attributes["service.name"]),
        name=span.name,
        kind=kind.name if isinstance(kind, SpanKind) else str(kind),
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        error=span.status.status_code is StatusCode.ERROR,
        attributes=dict(span.attributes or {}),
        events=tuple(event.name for event in span.events),
        links=tuple(format_span_id(link.context.span_id) for link in span.links),
    )


def from_otlp(document: dict[str, Any]) -> Iterable[Span]:
    """The spans of an OTLP JSON document, with or without Jaeger's `result` around it."""
    for resource in document.get("result", document).get("resourceSpans", []):
        own = attributes_of(resource.get("resource", {}))
        for scope in resource.get("scopeSpans", []):
            for span in scope.get("spans", []):
                yield from_otlp_span(span, str(own.get("service.name", "unknown")))


def from_otlp_span(span: dict[str, Any], service: str) -> Span:
    return Span(
        trace_id=span["traceId"],
        span_id=span["spanId"],
        parent_id=span.get("parentSpanId", ""),
        service=service,
        name=span["name"],
        kind=KINDS[span.get("kind", 0)],
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        error=span.get("status", {}).get("code") == ERROR,
        attributes=attributes_of(span),
        events=tuple(event["name"] for event in span.get("events", [])),
        links=tuple(link["spanId"] for link in span.get("links", [])),
    )


def attributes_of(entity: dict[str, Any]) -> dict[str, Any]:
    return {pair["key"]: value_of(pair["value"]) for pair in entity.get("attributes", [])}


def value_of(value: dict[str, Any]) -> Any:
    if not value:
        return None
    kind, content = next(iter(value.items()))
    if kind == "intValue":
        return int(content)
    if kind == "arrayValue":
        return [value_of(item) for item in content.get("values", [])]
    return content
