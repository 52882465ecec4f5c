"""The service map, laid out once for wide windows and once for tall ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.topology import SERVICES
from traces.dependencies import Edge
from traces.layout.layers import Stop, chain, layers, ordered


def calls() -> tuple[tuple[str, str], ...]:
    """Caller and callee of each call of the shop, external systems included."""
    traced = {service.name for service in SERVICES if service.traced}
    return tuple(
        (service.name, callee)
        for service in SERVICES
        if service.traced
        for callee in (*service.calls, *service.outside)
        if callee in traced or callee in service.outside
    )


def streams() -> tuple[tuple[str, str, str], ...]:
    """Sender, receiver and name of each stream of events."""
    return tuple(
        (sender.name, receiver.name, stream)
        for sender in SERVICES
        for stream in sender.publishes
        for receiver in SERVICES
        if stream in receiver.consumes
    )


def outside() -> dict[str, str]:
    """The external systems, and the service that calls each."""
    return {name: service.name for service in SERVICES for name in service.outside}


Point = tuple[float, float]


@dataclass(frozen=True)
class Shape:
    """Sizes of a box and of the gap between two, along and across."""

    along: float
    across: float
    gap_along: float
    gap_across: float
    bend: float
    margin: float
    tall: bool = False

    def turned(self, along: float, across: float) -> Point:
        return (across, along) if self.tall else (along, across)


WIDE = Shape(along=150, across=60, gap_along=54, gap_across=18, bend=8, margin=8)
TALL = Shape(along=50, across=71, gap_along=44, gap_across=4, bend=4, margin=4, tall=True)


@dataclass(frozen=True)
class Box:
    """A service or an external system; x, y is the top left corner."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A call, or with `stream` the events of that name; x, y is a place for its label."""

    caller: str
    callee: str
    stream: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Plot:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def plot(shape: Shape) -> Plot:
    """The map of the shop's topology, in this shape."""
    edges = [Edge(caller, callee, 1) for caller, callee in calls()]
    layer = layers(edges)
    chains = [chain(edge, layer) for edge in edges]
    found = ordered(chains, layer)
    middles = placed(found, shape)
    lines = [
        line(edge.parent, edge.child, "", [middles[stop] for stop in stops], shape)
        for edge, stops in zip(edges, chains, strict=True)
    ]
    lines += [line(a, b, name, [middles[a], middles[b]], shape) for a, b, name in streams()]
    along = 2 * shape.margin + len(found) * (shape.along + shape.gap_along) - shape.gap_along
    across = 2 * shape.margin + max(extent(column, shape) for column in found)
    boxes = tuple(box(stop, middles[stop], shape) for stop in middles if isinstance(stop, str))
    return Plot(boxes, tuple(lines), *shape.turned(along, across))


def placed(found: Sequence[Sequence[Stop]], shape: Shape) -> dict[Stop, Point]:
    """Middles of all boxes and bends, along and across; columns are centred to one another."""
    most = max(extent(column, shape) for column in found)
    middles: dict[Stop, Point] = {}
    for number, column in enumerate(found):
        along = shape.margin + shape.along / 2 + number * (shape.along + shape.gap_along)
        at = shape.margin + (most - extent(column, shape)) / 2
        for stop in column:
            size = breadth(stop, shape)
            middles[stop] = (along, at + size / 2)
            at += size + shape.gap_across
    return middles


def extent(column: Sequence[Stop], shape: Shape) -> float:
    return sum(breadth(stop, shape) + shape.gap_across for stop in column) - shape.gap_across


def breadth(stop: Stop, shape: Shape) -> float:
    return shape.across if isinstance(stop, str) else shape.bend


def box(name: str, middle: Point, shape: Shape) -> Box:
    x, y = shape.turned(middle[0] - shape.along / 2, middle[1] - shape.across / 2)
    return Box(name, x, y, *shape.turned(shape.along, shape.across))


def line(caller: str, callee: str, stream: str, middles: Sequence[Point], shape: Shape) -> Line:
    """From the caller's far side to the callee's near one, straight through each layer between."""
    beside = shape.across / 4 if stream else 0
    half = shape.along / 2
    at = (middles[0][0] + half, middles[0][1] + beside)
    path, label = f"M{point(at, shape)}", at
    for there in middles[1:]:
        end = (there[0] - half, there[1] + beside)
        middle = (at[0] + end[0]) / 2
        bow = (point((middle, at[1]), shape), point((middle, end[1]), shape), point(end, shape))
        path += "C" + " ".join(bow)
        label = (middle, (at[1] + end[1]) / 2)
        at = (there[0] + half, there[1])
        if there is not middles[-1]:
            path += f"L{point(at, shape)}"
    return Line(caller, callee, stream, path, *shape.turned(*label))


def point(at: Point, shape: Shape) -> str:
    x, y = shape.turned(*at)
    return f"{x:g} {y:g}"
