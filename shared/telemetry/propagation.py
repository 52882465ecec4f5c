"""inject and extract: how the trace context travels in headers, in whichever formats a service
speaks.
"""

import re
from collections.abc import Iterable

from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.propagators.textmap import Getter, Setter, TextMapPropagator
from opentelemetry.trace import get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
FORMATS: dict[str, type[TextMapPropagator]] = {
    "tracecontext": TraceContextTextMapPropagator,
    "baggage": W3CBaggagePropagator,
    "b3": B3SingleFormat,
    "b3multi": B3MultiFormat,
    "jaeger": JaegerPropagator,
}


class AsgiHeaders(Getter[list[tuple[bytes, bytes]]]):
    """Reads headers the way ASGI hands them over: lower-case names and values, in bytes."""

    def get(self, carrier: list[tuple[bytes, bytes]], key: str) -> list[str] | None:
        wanted = key.lower().encode()
        found = [value.decode("latin-1") for name, value in carrier if name == wanted]
        return found or None

    def keys(self, carrier: list[tuple[bytes, bytes]]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


class Sendable(Setter[dict[str, str]]):
    """Leaves out what cannot be a header: a name of baggage may be any text, and may come from
    anybody.
    """

    def set(self, carrier: dict[str, str], key: str, value: str) -> None:
        if HEADER_NAME.fullmatch(key):
            carrier[key] = value


ASGI_HEADERS, SENDABLE = AsgiHeaders(), Sendable()
EMPTY = Context()


class Propagation:
    """The header formats of one service; on reading, the last one that finds a trace wins."""

    def __init__(self, formats: Iterable[str]) -> None:
        self._formats = [FORMATS[name]() for name in formats if name != "none"]

    def extract(self, headers: list[tuple[bytes, bytes]], start: Context = EMPTY) -> Context:
        """The caller's context, found in ASGI headers and added to `start`.

        It never starts from the current context: what a request belongs to is decided by its
        headers alone, also when caller and callee share a process.
        """
        context = start
        for form in self._formats:
            found = form.extract(headers, context=context, getter=ASGI_HEADERS)
            before, span = get_current_span(context), get_current_span(found)
            if span is not before and not span.get_span_context().is_valid:
                found = set_span_in_context(before, found)  # nonsense hides no earlier finding
            context = found
        return context

    def inject(self, headers: dict[str, str], context: Context | None = None) -> None:
        """Adds the headers that make the callee's span a child of the context's span."""
        for form in self._formats:
            form.inject(headers, context=context, setter=SENDABLE)
