"""The waterfall of a trace: one row per span, drawn on a canvas a thousand units of time wide."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from traces.causes import root_causes
from traces.critical_path import Segment, critical_path
from traces.layout.palette import colour
from traces.model import Span, Trace
from traces.tree import self_times, tree
from traces.units import duration

DEEPEST = 24
WIDTH, MIDDLE, THINNEST = 1000.0, 18, 1.0
MOST_MARKS = 50
TICKS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its place; bar, critical path, events and log lines are SVG path data."""

    span: Span
    colour: str
    depth: int
    children: int
    orphan: bool
    cause: bool
    x: float
    width: float
    self_ns: int
    critical: str
    events: str
    logs: str

    @property
    def bar(self) -> str:
        return stretch(self.x, max(self.width, THINNEST))

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


def ruler_of(trace: Trace) -> Ruler:
    """From the first start to the last end, log lines left out: they may be written long after."""
    starts = [span.start_ns for span in trace.spans]
    return Ruler(min(starts), max([*starts, *(span.end_ns for span in trace.spans)]))


def waterfall(trace: Trace) -> Waterfall:
    """All rows in the order of the tree. The trace must have a span."""
    ruler = ruler_of(trace)
    path = critical_path(trace)
    critical = critical_by_span(path, ruler)
    logs: dict[str, list[str]] = defaultdict(list)
    for line in trace.logs:
        if line.span_id:
            logs[line.span_id].append(f"{ruler.at(line.time_ns):g} 31h0")
    causes = root_causes(trace)
    began = {span.span_id for span in causes}
    own = self_times(trace)
    rows = tuple(
        Row(
            span=span,
            colour=colour(span.service),
            depth=place.depth,
            children=place.children,
            orphan=place.orphan,
            cause=span.span_id in began,
            x=ruler.at(span.start_ns),
            width=ruler.width(span.start_ns, max(span.start_ns, span.end_ns)),
            self_ns=own[span.span_id],
            critical="".join(critical.get(span.span_id, ())),
            events=marks(f"{ruler.at(event.time_ns):g} 4v28" for event in span.events),
            logs=marks(logs.get(span.span_id, ())),
        )
        for place in tree(trace)
        for span in (place.span,)
    )
    depth = 1 + max(row.depth for row in rows)
    return Waterfall(ruler, rows, depth, sum(row.orphan for row in rows), causes, path)


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
            places[segment.span_id].append(stretch(ruler.at(segment.start_ns), width))
    return places
