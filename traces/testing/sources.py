"""Where a test finds traces: the SDK's memory, or a backend that speaks Jaeger's `/api/v3`."""

from typing import Any, Protocol

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, format_span_id, format_trace_id

from traces import backend
from traces.model import Event, Kind, Link, Span, Status, Trace
from traces.testing.assertions import AssertableTrace


class Source(Protocol):
    """Somewhere to look for a trace; `eventual` says that it may come in pieces."""

    eventual: bool

    def trace(self, trace_id: str) -> AssertableTrace: ...


class InMemory:
    """The spans that services in this very process handed to one exporter: complete at once."""

    eventual = False

    def __init__(self, exporter: InMemorySpanExporter) -> None:
        self._exporter = exporter

    def trace(self, trace_id: str) -> AssertableTrace:
        spans = map(from_sdk, self._exporter.get_finished_spans())
        return AssertableTrace(
            Trace.of(trace_id, (span for span in spans if span.trace_id == trace_id))
        )


class Backend:
    """lens or Jaeger, by its base URL."""

    eventual = True

    def __init__(self, url: str) -> None:
        self._backend = backend.Backend(url)

    def trace(self, trace_id: str) -> AssertableTrace:
        return AssertableTrace(self._backend.trace(trace_id))


def from_sdk(span: ReadableSpan) -> Span:
    """A finished span of the SDK."""
    context, scope = span.get_span_context(), span.instrumentation_scope
    assert context is not None
    resource = span.resource.attributes
    return Span(
        trace_id=format_trace_id(context.trace_id),
        span_id=format_span_id(context.span_id),
        parent_id=format_span_id(span.parent.span_id) if span.parent else None,
        service=str(resource["service.name"]),
        name=span.name,
        kind=Kind[span.kind.name],
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        status=Status.ERROR if span.status.status_code is StatusCode.ERROR else Status.UNSET,
        status_message=span.status.description or "",
        attributes=plain(span.attributes),
        resource=plain(resource),
        scope=scope.name if scope else "",
        events=tuple(
            Event(event.timestamp, event.name, plain(event.attributes)) for event in span.events
        ),
        links=tuple(
            Link(
                format_trace_id(link.context.trace_id),
                format_span_id(link.context.span_id),
                plain(link.attributes),
            )
            for link in span.links
        ),
    )


def plain(attributes: Any) -> dict[str, Any]:
    return dict(attributes or {})
