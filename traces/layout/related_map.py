"""Related traces as a small graph: a box for each, causes on the left, followers on the right."""

from dataclasses import dataclass

from traces.dependencies import Edge
from traces.layout.layers import layers, ordered
from traces.layout.palette import colour
from traces.related import Related, TraceLink
from traces.summary import TraceSummary

BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 280, 56, 64, 16, 8


@dataclass(frozen=True, slots=True)
class TraceBox:
    """A trace; x, y is the top left corner. Without a summary it is not kept; `more` of its
    neighbours are left out, `later_ns` says when it began, after the one that is looked at.
    """

    trace_id: str
    summary: TraceSummary | None
    x: float
    y: float
    colour: str
    here: bool
    more: int
    later_ns: int


@dataclass(frozen=True, slots=True)
class TraceCurve:
    """Links from one trace to another, as an SVG path from cause to follower."""

    link: TraceLink
    path: str


@dataclass(frozen=True, slots=True)
class RelatedMap:
    boxes: tuple[TraceBox, ...]
    curves: tuple[TraceCurve, ...]
    width: float
    height: float


def related_map(found: Related) -> RelatedMap | None:
    """The graph; None if there is nothing but the trace itself."""
    if not found.links:
        return None
    edges = [Edge(link.cause, link.follower, link.count) for link in found.links]
    layer = layers(edges)
    columns = ordered([[link.cause, link.follower] for link in found.links], layer)
    tallest = max(map(len, columns))
    places: dict[str, tuple[float, float]] = {}
    for number, column in enumerate(columns):
        top = MARGIN + (tallest - len(column)) * (BOX_H + GAP_Y) / 2
        for row, trace_id in enumerate(map(str, column)):
            places[trace_id] = (MARGIN + number * (BOX_W + GAP_X), top + row * (BOX_H + GAP_Y))
    here = found.traces[found.start]
    boxes = tuple(
        TraceBox(
            trace_id,
            summary := found.traces[trace_id],
            *place,
            colour(summary.root_service) if summary else "",
            trace_id == found.start,
            found.more.get(trace_id, 0),
            summary.start_ns - here.start_ns if summary and here else 0,
        )
        for trace_id, place in places.items()
    )
    return RelatedMap(
        boxes,
        tuple(
            TraceCurve(link, curve(places[link.cause], places[link.follower]))
            for link in found.links
        ),
        2 * MARGIN + len(columns) * (BOX_W + GAP_X) - GAP_X,
        2 * MARGIN + tallest * (BOX_H + GAP_Y) - GAP_Y,
    )


def curve(cause: tuple[float, float], follower: tuple[float, float]) -> str:
    """From the right of a box to the left of another; one that leads back is a wider bow."""
    x0, y0 = cause[0] + BOX_W, cause[1] + BOX_H / 2
    x1, y1 = follower[0], follower[1] + BOX_H / 2
    bow = max(GAP_X / 2, (x1 - x0) / 2)
    return f"M{x0:g} {y0:g}C{x0 + bow:g} {y0:g} {x1 - bow:g} {y1:g} {x1:g} {y1:g}"
