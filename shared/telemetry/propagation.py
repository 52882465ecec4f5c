"""inject and extract: how the trace context travels in headers, in whichever formats a service
speaks.
"""

import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote, unquote

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.propagators.textmap import (
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.trace import get_current_span

from shared.telemetry.w3c import TOKEN, Baggage, TraceContext, within_limits

UBER_TRACE_ID = re.compile(
    r"[0-9a-fA-F]{1,32}:[0-9a-fA-F]{1,16}:[0-9a-fA-F]{0,16}:[0-9a-fA-F]{1,2}"
)


class AsgiHeaders(Getter[list[tuple[bytes, bytes]]]):
    """Reads headers the way ASGI hands them over: lower-case names and values, in bytes."""

    def get(self, carrier: list[tuple[bytes, bytes]], key: str) -> list[str] | None:
        wanted = key.lower().encode()
        found = [value.decode("latin-1") for name, value in carrier if name == wanted]
        return found or None

    def keys(self, carrier: list[tuple[bytes, bytes]]) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


class HeaderSetter(Setter[MutableMapping[str, str]]):
    """Leaves out what cannot be a header: a name of baggage may be any text, and may come from
    anybody.
    """

    def set(self, carrier: MutableMapping[str, str], key: str, value: str) -> None:
        if TOKEN.fullmatch(key):
            carrier[key] = value


class OnlyOnce(Getter[Any]):
    """Reads no header that is there more than once: none of the formats says which one counts."""

    def __init__(self, getter: Getter[Any]) -> None:
        self._getter = getter

    def get(self, carrier: Any, key: str) -> list[str] | None:
        found = self._getter.get(carrier, key)
        return found if found is not None and len(found) == 1 else None

    def keys(self, carrier: Any) -> list[str]:
        return self._getter.keys(carrier)


class Jaeger(JaegerPropagator):
    """Jaeger's format. Its baggage has our limits, as it has none of its own."""

    MAX_BAGGAGE_ENTRY_BYTES = MAX_BAGGAGE_TOTAL_BYTES = 2**16  # the SDK's would cut silently

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        return bounded(super().extract(carrier, context, getter))

    def inject(
        self, carrier: Any, context: Context | None = None, setter: Setter[Any] = default_setter
    ) -> None:
        super().inject(carrier, bounded(context), setter)


def bounded(context: Context | None) -> Context:
    """The context (or else the current one) with no more baggage than we keep."""
    members = baggage.get_all(context)
    kept = within_limits(f"{name}={quote(str(value))}" for name, value in members.items())
    if len(kept) == len(members):
        return otel.get_current() if context is None else context
    changed = baggage.clear(context)
    for name in (member.partition("=")[0] for member in kept):
        changed = baggage.set_baggage(name, members[name], changed)
    return changed


class PercentDecoded(OnlyOnce):
    """Decodes `uber-trace-id`, which some clients send percent-encoded, as in `1%3A2%3A0%3A1`."""

    def get(self, carrier: Any, key: str) -> list[str] | None:
        found = super().get(carrier, key)
        if found is None or key != JaegerPropagator.TRACE_ID_KEY:
            return found
        decoded = unquote(found[0]).strip()
        return [decoded] if UBER_TRACE_ID.fullmatch(decoded) else None


class Strict(TextMapPropagator):
    """A propagator of the SDK that reads headers by way of `getter`."""

    def __init__(self, inner: TextMapPropagator, getter: type[OnlyOnce] = OnlyOnce) -> None:
        self._inner, self._getter = inner, getter

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        return self._inner.extract(carrier, context, self._getter(getter))

    def inject(
        self, carrier: Any, context: Context | None = None, setter: Setter[Any] = default_setter
    ) -> None:
        self._inner.inject(carrier, context, setter)

    @property
    def fields(self) -> set[str]:
        return self._inner.fields


ASGI_HEADERS, HEADERS = AsgiHeaders(), HeaderSetter()
EMPTY = Context()
FORMATS: dict[str, Callable[[], TextMapPropagator]] = {
    "tracecontext": TraceContext,
    "baggage": Baggage,
    "b3": lambda: Strict(B3SingleFormat()),
    "b3multi": lambda: Strict(B3MultiFormat()),
    "jaeger": lambda: Strict(Jaeger(), PercentDecoded),
}


def formats(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name != "none")


class Propagator(TextMapPropagator):
    """The header formats of one service: those that it sends, and those that it reads, or else the
    same ones. The last one of `reads` that finds a trace counts; baggage comes from `baggage`, and
    from the format that found the trace.
    """

    def __init__(self, sends: Iterable[str], reads: Iterable[str] | None = None) -> None:
        self.sends = formats(sends)
        self.reads = self.sends if reads is None else formats(reads)
        self._senders = [FORMATS[name]() for name in self.sends]
        # What counts most is tried first: a request with a traceparent costs one look.
        self._readers = [FORMATS[name]() for name in reversed(self.reads) if name != "baggage"]
        self._baggage = Baggage() if "baggage" in self.reads else None

    def extract(
        self, carrier: Any, context: Context | None = None, getter: Getter[Any] = default_getter
    ) -> Context:
        """The caller's context, found in `carrier` and added to `context`, or else to an empty one.

        It never starts from the current context: what a request belongs to is decided by its
        headers alone, also when caller and callee share a process.
        """
        context = EMPTY if context is None else context
        for form in self._readers:
            found = form.extract(carrier, context, getter)
            if found is not context and get_current_span(found).get_span_context().is_valid:
                context = found
                break
        if self._baggage is not None:
            context = self._baggage.extract(carrier, context, getter)
        return context

    def inject(
        self, carrier: Any, context: Context | None = None, setter: Setter[Any] = default_setter
    ) -> None:
        """Adds the headers that make the callee's span a child of the context's span."""
        if setter is default_setter:
            setter = HEADERS
        for form in self._senders:
            form.inject(carrier, context, setter)

    @property
    def fields(self) -> set[str]:
        return {field for form in self._senders for field in form.fields}
