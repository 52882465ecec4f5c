"""Links to spans of which only their W3C text was kept, for what comes of them much later."""

from opentelemetry.trace import Link, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes

W3C = TraceContextTextMapPropagator()
MOST_LINKS = 128  # the SDK keeps no more for a span, unless OTEL_SPAN_LINK_COUNT_LIMIT says so


def traceparent() -> str:
    """The current span as W3C writes it, to be linked to later; empty when nothing is recorded."""
    carrier: dict[str, str] = {}
    W3C.inject(carrier)
    return carrier.get("traceparent", "")


def link_to(traceparent: str, attributes: Attributes = None) -> Link | None:
    """A link to the span of this text; None where it names none."""
    found = get_current_span(W3C.extract({"traceparent": traceparent})).get_span_context()
    return Link(found, attributes) if found.is_valid else None
