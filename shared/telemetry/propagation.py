"""inject and extract: how the trace context travels in headers, in whichever formats a service
speaks.
"""

from collections.abc import Iterable

from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.propagators.textmap import Getter, TextMapPropagator
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

FORMATS: dict[str, type[TextMapPropagator]] = {
    "tracecontext": TraceContextTextMapPropagator,
    "baggage": W3CBaggagePropagator,
    "b3": B3SingleFormat,
    "b3multi": B3MultiFormat,
    "jaeger": JaegerPropagator,
}


class AsgiHeaders(Getter[list[tuple[bytes, bytes]]]):
    """Reads headers the way ASGI hands them over: a list of lower-case names and values, in bytes."""

    def get(self, carrier: list[tuple[bytes, bytes]], key: str) -> list[str] | None:
        wanted = key.lower().encode()
        found = [value.decode("latin-1") for name, value in carrier if name == wanted]
        return found or None

    def keys(self, carrier: list[tuple[bytes, bytes]]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


ASGI_HEADERS = AsgiHeaders()


class Propagation:
    """The header formats one service speaks; on reading, the last format that finds a trace wins."""

    def __init__(self, formats: Iterable[str]) -> None:
        self._formats = CompositePropagator([FORMATS[name]() for name in formats if name != "none"])

    def extract(self, headers: list[tuple[bytes, bytes]]) -> Context:
        """The caller's context, found in ASGI headers; an empty one when there is none.

        It starts from an empty context, never from the current one: what a request belongs to is
        decided by its headers alone, also when caller and callee share a process.
        """
        return self._formats.extract(headers, context=Context(), getter=ASGI_HEADERS)

    def inject(self, headers: dict[str, str], context: Context | None = None) -> None:
        """Adds the headers that make the callee's span a child of the context's span."""
        self._formats.inject(headers, context=context)
