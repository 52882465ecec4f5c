"""The waterfall of a trace: one row per span, drawn on a canvas a thousand units of time wide."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from traces.causes import root_causes
from traces.critical_path import Segment, critical_path
from traces.layout.palette import colour
from traces.model import Span, Trace
from traces.timeline import extent, odd_times
from traces.times import has_duration, took
from traces.tree import Row as Place
from traces.tree import self_times, tree
from traces.units import duration

DEEPEST = 24
WIDTH, MIDDLE, THINNEST = 1000.0, 18, 1.0
MOST_MARKS = 50
TICKS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its place; bar, critical path, events and log lines are SVG path data.

    `odd` says what is odd about its times; without a place on the time axis it has no bar. In a
    ring of parents, `ring` is true.
    """

    span: Span
    colour: str
    depth: int
    children: int
    orphan: bool
    ring: bool
    cause: bool
    odd: str
    placed: bool
    x: float
    width: float
    self_ns: int
    critical: str
    events: str
    logs: str

    @property
    def bar(self) -> str:
        return stretch(self.x, max(self.width, THINNEST)) if self.placed else ""

    @property
    def took(self) -> str:
        return took(self.span)

    @property
    def own(self) -> str:
        return duration(self.self_ns) if has_duration(self.span) else "unknown"

    @property
    def indent(self) -> int:
        return min(self.depth, DEEPEST)


@dataclass(frozen=True, slots=True)
class Ruler:
    """From time to place; a trace without length is taken as one nanosecond long."""

    start_ns: int
    end_ns: int

    @property
    def length_ns(self) -> int:
        return max(1, self.end_ns - self.start_ns)

    def at(self, ns: int) -> float:
        place = WIDTH * (ns - self.start_ns) / self.length_ns
        return round(min(WIDTH, max(0.0, place)), 2)

    def width(self, start_ns: int, end_ns: int) -> float:
        return round(self.at(end_ns) - self.at(start_ns), 2)

    def ticks(self) -> tuple[str, ...]:
        parts = TICKS - 1
        return ("0", *(duration(self.length_ns * n / parts) for n in range(1, TICKS)))


@dataclass(frozen=True, slots=True)
class Waterfall:
    ruler: Ruler
    rows: tuple[Row, ...]
    depth: int
    orphans: int
    causes: tuple[Span, ...]
    path: tuple[Segment, ...]

    @property
    def took(self) -> str:
        """How long the trace lasted, as far as its spans tell."""
        known = any(has_duration(row.span) for row in self.rows)
        return duration(self.ruler.length_ns) if known else "unknown"


def ruler_of(trace: Trace) -> Ruler:
    """From the first start to the last end of what has a place on the axis; log lines left out, as
    they may be written long after.
    """
    return Ruler(*extent(trace))


def waterfall(trace: Trace) -> Waterfall:
    """All rows in the order of the tree. The trace must have a span."""
    drawing = Drawing(trace)
    rows = tuple(map(drawing.row, tree(trace)))
    depth = 1 + max(row.depth for row in rows)
    orphans = sum(row.orphan for row in rows)
    return Waterfall(drawing.ruler, rows, depth, orphans, drawing.causes, drawing.path)


class Drawing:
    """What the rows of one trace have in common."""

    def __init__(self, trace: Trace) -> None:
        self.ruler = ruler_of(trace)
        self.path = critical_path(trace)
        self.causes = root_causes(trace)
        self._began = {span.span_id for span in self.causes}
        self._critical = critical_by_span(self.path, self.ruler)
        self._logs: dict[str, list[str]] = defaultdict(list)
        for line in trace.logs:
            if line.span_id:
                self._logs[line.span_id].append(f"{self.ruler.at(line.time_ns):g} 31h0")
        self._own = self_times(trace)
        self._odd = odd_times(trace)

    def row(self, place: Place) -> Row:
        span, ruler = place.span, self.ruler
        odd = self._odd.get(span.span_id)
        placed = odd is None or not odd.misplaced
        return Row(
            span=span,
            colour=colour(span.service),
            depth=place.depth,
            children=place.children,
            orphan=place.orphan,
            ring=place.ring,
            cause=span.span_id in self._began,
            odd=odd.one if odd else "",
            placed=placed,
            x=ruler.at(span.start_ns),
            width=ruler.width(span.start_ns, max(span.start_ns, span.end_ns)),
            self_ns=self._own[span.span_id],
            critical="".join(self._critical.get(span.span_id, ())),
            events=marks(f"{ruler.at(e.time_ns):g} 4v28" for e in span.events) if placed else "",
            logs=marks(self._logs.get(span.span_id, ())),
        )


def stretch(x: float, width: float) -> str:
    return f"M{x:g} {MIDDLE}h{width:g}"


def marks(places: Iterable[str]) -> str:
    """Events or log lines of a span; more of them would only paint the bar over."""
    return "".join(f"M{place}" for place in islice(places, MOST_MARKS))


def critical_by_span(path: Iterable[Segment], ruler: Ruler) -> dict[str, list[str]]:
    places: dict[str, list[str]] = defaultdict(list)
    for segment in path:
        width = ruler.width(segment.start_ns, segment.end_ns)
        if width > 0:
            places[segment.span.span_id].append(stretch(ruler.at(segment.start_ns), width))
    return places
