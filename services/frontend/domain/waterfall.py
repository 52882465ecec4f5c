"""The waterfall of a click: one row for each hop from service to service, small enough for a page.

Many equal calls are one row with as many small bars; what a service asks of its stores is a note.
"""

from dataclasses import dataclass

from services.frontend.domain.hops import Hop, hops, stores
from services.frontend.domain.story import CALLS, Span, Story
from services.frontend.domain.words import took

WIDTH = 1000
THINNEST = 6
MOST = 18
LARGEST = 300
OWN_COLOUR = frozenset(
    {
        "frontend",
        "gateway",
        "auth",
        "users",
        "catalog",
        "cart",
        "orders",
        "payment",
        "shipping",
        "articles",
        "suggestions",
    }
)


@dataclass(frozen=True)
class Bar:
    """Where on the time axis, in thousandths of the whole."""

    x: int
    width: int
    cause: bool


@dataclass(frozen=True)
class Row:
    service: str
    name: str
    depth: int
    bars: tuple[Bar, ...]
    took: str
    failed: bool
    cause: bool
    stores: str = ""

    @property
    def times(self) -> int:
        return len(self.bars)

    @property
    def colour(self) -> str:
        return self.service if self.service in OWN_COLOUR else "outside"


@dataclass(frozen=True)
class Waterfall:
    rows: tuple[Row, ...]
    more: int
    took: str


def waterfall(story: Story) -> Waterfall:
    """The rows from the root down, at most MOST of them, with every failed one among them; none of
    a trace that is too large for a page.
    """
    start, end = story.spans[0].start, max(span.end for span in story.spans)
    if len(story.spans) > LARGEST:
        return Waterfall((), len(story.spans), took(end - start))
    tops = [span for span in story.spans if span.parent not in story.by_id]
    rows = [row(story, hop, start, max(1, end - start)) for hop in hops(story, tops, 0)]
    kept = within(rows)
    return Waterfall(tuple(kept), len(rows) - len(kept), took(end - start))


def within(rows: list[Row]) -> list[Row]:
    room = MOST - sum(row.failed for row in rows)
    kept: list[Row] = []
    for row_ in rows:
        if row_.failed or room > 0:
            kept.append(row_)
            room -= not row_.failed
    return kept


def row(story: Story, hop: Hop, start: int, whole: int) -> Row:
    first = hop.spans[0]
    outside = first.kind in CALLS
    cause = any(span.id in story.began for span in hop.spans)
    busy = sum(span.took for span in hop.spans)
    return Row(
        service=(first.peer or first.store or first.service) if outside else first.service,
        name=first.name,
        depth=min(hop.depth, 8),
        bars=tuple(bar(span, start, whole, cause=span.id in story.began) for span in hop.spans),
        took=took(busy),
        failed=cause or any(span.failed for span in hop.spans),
        cause=cause,
        stores=stores(story, first),
    )


def bar(span: Span, start: int, whole: int, *, cause: bool) -> Bar:
    x = min((span.start - start) * WIDTH // whole, WIDTH - THINNEST)
    width = max(THINNEST, span.took * WIDTH // whole)
    return Bar(x, min(width, WIDTH - x), cause)
