"""A short waterfall: one row for each hop from service to service, small enough for a drawer.

A call and the work it caused are one hop; what a service asks its stores is a note on its hop; many
equal calls that lead no further are one hop with as many small bars.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traces.causes import root_causes
from traces.clocks import aligned
from traces.layout.palette import colour_among
from traces.layout.waterfall import WIDTH, Ruler, ruler_of
from traces.model import Kind, Span, Trace
from traces.semconv import value_of
from traces.times import has_duration
from traces.tree import tree
from traces.units import duration
from traces.verdict import callee, text

THINNEST = 6.0
MANY = 3
MOST_ROWS = 18
MOST_SPANS = 300
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """Where on the time axis, in thousandths of the whole."""

    x: float
    width: float
    cause: bool


@dataclass(frozen=True, slots=True)
class HopRow:
    """`stores` are the stores that the service called: `redis ×3`; `colour` is a CSS class."""

    service: str
    name: str
    colour: str
    depth: int
    bars: tuple[Bar, ...]
    took: str
    failed: bool
    cause: bool
    stores: str = ""

    @property
    def times(self) -> int:
        return len(self.bars)


@dataclass(frozen=True, slots=True)
class Hops:
    """`more` are the rows, or the spans of a trace too large to be drawn, that are left out."""

    rows: tuple[HopRow, ...]
    more: int
    took: str


def hops(trace: Trace) -> Hops:
    """The rows from the root down, at most MOST_ROWS, with every failed one among them; none of a
    trace of more than MOST_SPANS. They are drawn as if all clocks agreed. The trace must have a
    span.
    """
    trace = aligned(trace)
    ruler = ruler_of(trace)
    whole = duration(ruler.end_ns - ruler.start_ns)
    if len(trace.spans) > MOST_SPANS:
        return Hops((), len(trace.spans), whole)
    grouping = Grouping(trace)
    tops = [place.span for place in tree(trace) if place.depth == 0]
    rows = [row(trace, hop, grouping.began, ruler) for hop in grouping.hops(tops, 0)]
    kept = tuple(shortened(rows))
    return Hops(kept, len(rows) - len(kept), whole)


@dataclass(frozen=True, slots=True)
class Hop:
    """Equal pieces of work below one and the same hop, and how deep that is."""

    spans: tuple[Span, ...]
    depth: int


class Grouping:
    """Which spans of a trace have a row of their own."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        # A refusal began at the one who refused, though only the call is an error.
        self.began = frozenset(
            (trace.receiver_of(cause) or cause).span_id for cause in root_causes(trace)
        )

    def hops(self, spans: Sequence[Span], depth: int) -> Iterator[Hop]:
        shown = [entry for span in spans for entry in self._entries(span)]
        leaves = Counter(key(span) for span in shown if not self._below(span))
        grouped: set[tuple[str, str, bool]] = set()
        for span in shown:
            if self._below(span) or leaves[key(span)] < MANY:
                yield Hop((span,), depth)
                yield from self.hops(self._trace.children_of(span), depth + 1)
            elif key(span) not in grouped:
                grouped.add(key(span))
                equal = (s for s in shown if key(s) == key(span) and not self._below(s))
                yield Hop(tuple(equal), depth)

    def _entries(self, span: Span) -> Iterator[Span]:
        """What has a row at or below a span: the first of its kind on every way down."""
        if self._has_row(span):
            yield span
        else:
            for child in self._trace.children_of(span):
                yield from self._entries(child)

    def _below(self, span: Span) -> list[Span]:
        children = self._trace.children_of(span)
        return [entry for child in children for entry in self._entries(child)]

    def _has_row(self, span: Span) -> bool:
        if span.span_id in self.began or not (span.kind.calls or span.kind is Kind.INTERNAL):
            return True
        if span.kind is not Kind.CLIENT or store_of(span):
            return False
        return bool(callee(self._trace, span)) and self._trace.receiver_of(span) is None


def key(span: Span) -> tuple[str, str, bool]:
    return span.service, span.name, span.failed


def row(trace: Trace, hop: Hop, began: frozenset[str], ruler: Ruler) -> HopRow:
    first = hop.spans[0]
    service = callee(trace, first) or store_of(first) or first.service
    cause = any(span.span_id in began for span in hop.spans)
    return HopRow(
        service=service,
        name=first.name,
        colour=colour_among(service, trace.services),
        depth=min(hop.depth, DEEPEST),
        bars=tuple(bar(span, ruler, cause=span.span_id in began) for span in hop.spans),
        took=took(hop.spans),
        failed=cause or any(span.failed for span in hop.spans),
        cause=cause,
        stores=stores(trace, first),
    )


def took(spans: Sequence[Span]) -> str:
    if not all(map(has_duration, spans)):
        return "unknown"
    return duration(sum(span.duration_ns for span in spans))


def bar(span: Span, ruler: Ruler, *, cause: bool) -> Bar:
    x = min(ruler.at(span.start_ns), WIDTH - THINNEST)
    width = max(THINNEST, ruler.width(span.start_ns, max(span.start_ns, span.end_ns)))
    return Bar(x, round(min(width, WIDTH - x), 2), cause)


def shortened(rows: Sequence[HopRow]) -> Iterator[HopRow]:
    """The failed rows, and of the others as many as there is space for."""
    free = MOST_ROWS - sum(row.failed for row in rows)
    for one in rows:
        if one.failed or free > 0:
            free -= not one.failed
            yield one


def stores(trace: Trace, span: Span) -> str:
    """The stores that the row's own service called, and how often: `redis ×3`."""
    counted: Counter[str] = Counter()
    waiting = list(trace.children_of(span))
    while waiting:
        inner = waiting.pop()
        if inner.service != span.service:
            continue
        if store := store_of(inner):
            counted[store] += 1
        waiting.extend(trace.children_of(inner))
    return ", ".join(f"{name} ×{times}" if times > 1 else name for name, times in counted.items())


def store_of(span: Span) -> str:
    """The database or the kind of stream that a span called; empty for other spans."""
    if not span.kind.calls:
        return ""
    system = value_of(span.attributes, "db.system.name")
    return text(system or span.attributes.get("messaging.system"))
