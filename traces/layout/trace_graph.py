"""A trace as a graph: a box for each operation of a service, a curve for the calls between two.

However often an operation ran, it is one box, so that a trace of thousands of spans stays readable;
where there are too many operations the services are shown.
"""

from dataclasses import dataclass

from traces.dependencies import Call, edges
from traces.layout.layers import chain, layers, ordered
from traces.layout.palette import colour
from traces.layout.service_map import Curve, Grid, curve, placed
from traces.model import Span, Trace
from traces.tree import self_times

GRID = Grid(box_w=250, box_h=76, gap_x=130, gap_y=28)
MOST_BOXES = 60


@dataclass(slots=True)
class Work:
    """The spans of one service, or of one operation of it; times in nanoseconds."""

    service: str
    name: str
    first: Span
    spans: int = 0
    errors: int = 0
    self_ns: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A box with its top left corner; `share` is its part of all self time, in percent."""

    work: Work
    x: float
    y: float
    colour: str
    share: float


@dataclass(frozen=True, slots=True)
class TraceGraph:
    """`left_out` boxes are too many; `by_service` says that operations were."""

    boxes: tuple[Place, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float
    by_service: bool
    left_out: int


def trace_graph(trace: Trace) -> TraceGraph:
    """The graph of a trace, which must have a span."""
    works = works_of(trace, by_service=False)
    by_service = len(works) > MOST_BOXES
    if by_service:
        works = works_of(trace, by_service=True)
    kept = sorted(works, key=lambda key: -works[key].spans)[:MOST_BOXES]
    boxes = {key: works[key] for key in works if key in kept}
    return drawn(trace, boxes, by_service, len(works) - len(boxes))


def key_of(span: Span, by_service: bool) -> str:
    return span.service if by_service else f"{span.service}\n{span.name}"


def works_of(trace: Trace, *, by_service: bool) -> dict[str, Work]:
    own = self_times(trace)
    works: dict[str, Work] = {}
    for span in trace.spans:
        key = key_of(span, by_service)
        name = "" if by_service else span.name
        work = works.setdefault(key, Work(span.service, name, span))
        work.spans += 1
        work.errors += span.failed
        work.self_ns += own[span.span_id]
        if span.failed and not work.first.failed:
            work.first = span
    return works


def drawn(trace: Trace, works: dict[str, Work], by_service: bool, left_out: int) -> TraceGraph:
    calls = [
        Call(parent, child, span.duration_ns, span.status)
        for parent, child, span in pairs(trace, by_service)
        if parent in works and child in works
    ]
    found = edges(calls)
    layer = dict.fromkeys(works, 0) | layers(found)
    chains = [chain(edge, layer) for edge in found]
    columns = ordered([*chains, *([key] for key in works)], layer)  # also who calls no one
    places, width, height = placed(columns, GRID)
    total = sum(work.self_ns for work in works.values())
    boxes = tuple(
        Place(
            work,
            *places[key],
            colour(work.service),
            round(100 * work.self_ns / total, 1) if total else 0.0,
        )
        for key, work in works.items()
    )
    most = max((edge.calls for edge in found), default=1)
    curves = tuple(
        curve(edge, [places[stop] for stop in stops], most, GRID)
        for edge, stops in zip(found, chains, strict=True)
    )
    return TraceGraph(boxes, curves, width, height, by_service, left_out)


def pairs(trace: Trace, by_service: bool) -> list[tuple[str, str, Span]]:
    """The boxes of each parent and child in different ones, with the child."""
    found: list[tuple[str, str, Span]] = []
    for span in trace.spans:
        above = trace.parent_of(span)
        if above is None:
            continue
        parent, child = key_of(above, by_service), key_of(span, by_service)
        if parent != child:
            found.append((parent, child, span))
    return found
