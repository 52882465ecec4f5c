"""The spans of both stores, span by span: what is the same, and what is not."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import zip_longest
from typing import Any, NamedTuple, Protocol

from opentelemetry import baggage, propagate
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.shim.opentracing_shim import create_tracer
from opentelemetry.trace import set_span_in_context

from examples.opentracing import after, before
from traces.model import Span
from traces.testing.sources import from_sdk

KIND = "kind"
ERROR = "status of an error that was only tagged"
EVENT = "an event's name, once more as its attribute"
TRACE = "trace of what follows"
BAGGAGE = "baggage"
NAMES = "names of attributes"
EXPECTED = {KIND, ERROR, EVENT, TRACE, BAGGAGE, NAMES}
# What OpenTracing's conventions called differently, or had no place for but a tag.
RENAMED = {"db.statement": "db.query.text"}
MOVED = {"span.kind", "error"}


class Store(Protocol):
    """Either of the two."""

    def book(self, headers: dict[str, str], id_: str, grams: int) -> dict[str, str]: ...
    def hand_over(self, message: dict[str, str], id_: str) -> None: ...
    def close(self) -> None: ...


class Difference(NamedTuple):
    """What differs in a span, and how it is with each."""

    span: str
    what: str
    before: Any
    after: Any


class Memory:
    """A provider of spans that keeps them, and the context of a caller."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._spans))

    def spans(self) -> list[Span]:
        """In the order in which they began."""
        ended: Sequence[ReadableSpan] = self._spans.get_finished_spans()
        return [from_sdk(span) for span in sorted(ended, key=lambda span: span.start_time or 0)]


def traced_before() -> list[Span]:
    memory = Memory()
    work(before.Parcels(create_tracer(memory.provider)), memory.provider)
    return memory.spans()


def traced_after() -> list[Span]:
    memory = Memory()
    work(after.Parcels(memory.provider.get_tracer(__name__)), memory.provider)
    return memory.spans()


def work(parcels: Store, provider: TracerProvider) -> None:
    """A parcel that is booked and handed over, one that is too heavy, and one that is there."""
    caller = provider.get_tracer("caller").start_span("POST /parcels")
    headers: dict[str, str] = {}
    gold = baggage.set_baggage("customer.tier", "gold", Context())
    propagate.inject(headers, set_span_in_context(caller, gold))
    with closing(parcels):
        message = parcels.book(headers, "kettle", 1200)
        parcels.hand_over(message, "kettle")
        parcels.book(headers, "anvil", 90_000)
        with suppress(sqlite3.IntegrityError):
            parcels.book(headers, "kettle", 1200)
    caller.end()


def differences(before: Sequence[Span], after: Sequence[Span]) -> list[Difference]:
    """Everything in which the spans of the two are not alike."""
    found: list[Difference] = []
    for one, other in zip_longest(before, after):
        found += compared(one, other, before, after)
    return found


def compared(
    one: Span, other: Span, before: Sequence[Span], after: Sequence[Span]
) -> Iterator[Difference]:
    name = one.name

    def unless_same(what: str, left: Any, right: Any) -> Iterator[Difference]:
        if left != right:
            yield Difference(name, what, left, right)

    yield from unless_same("name", name, other.name)
    yield from unless_same(KIND, one.kind.name, other.kind.name)
    yield from unless_same(ERROR, one.status.name, other.status.name)
    yield from unless_same(TRACE, parent(one, before), parent(other, after))
    yield from unless_same("links", links(one, before), links(other, after))
    for key in sorted({*one.attributes, *other.attributes} - MOVED):
        left, right = one.attributes.get(key), other.attributes.get(key)
        renamed = key in RENAMED or key in RENAMED.values()
        what = BAGGAGE if key == "customer.tier" else NAMES if renamed else key
        yield from unless_same(what, left, right)
    for mine, theirs in zip_longest(one.events, other.events):
        yield from unless_same("event", mine.name, theirs.name)
        yield from unless_same(EVENT, said(mine.attributes), said(theirs.attributes))


def parent(span: Span, spans: Sequence[Span]) -> str:
    return next((one.name for one in spans if one.span_id == span.parent_id), "none: a root")


def links(span: Span, spans: Sequence[Span]) -> list[str]:
    ids = [link.span_id for link in span.links]
    return [one.name for one in spans if one.span_id in ids]


def said(attributes: Any) -> dict[str, Any]:
    """An event's attributes, but for the lines of code in a stack trace."""
    return {key: text for key, text in attributes.items() if key != "exception.stacktrace"}


def report(before: Sequence[Span], after: Sequence[Span]) -> str:
    """Both traces as trees, and below how they differ, each kind of difference once."""
    lines = ["OpenTracing, through the shim", *tree(before), "", "OpenTelemetry", *tree(after), ""]
    seen: set[str] = set()
    for one in differences(before, after):
        if one.what not in seen:
            seen.add(one.what)
            lines.append(f"{one.what}: {one.span}: {one.before} / {one.after}")
    return "\n".join(lines)


def tree(spans: Sequence[Span]) -> list[str]:
    names = {span.span_id: span for span in spans}

    def depth(span: Span) -> int:
        above = names.get(span.parent_id or "")
        return depth(above) + 1 if above is not None else 1

    return [f"{'  ' * depth(span)}{line(span, spans)}" for span in spans]


def line(span: Span, spans: Sequence[Span]) -> str:
    failed = " ERROR" if span.failed else ""
    linked = "".join(f", linked to {name}" for name in links(span, spans))
    events = "".join(f", event {event.name}" for event in span.events)
    return f"{span.name} [{span.kind.name}]{failed}{linked}{events}"
