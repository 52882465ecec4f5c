"""The service map: boxes in layers from caller to callee, and a curve for every edge.

Sizes are in the units of the drawing, which are CSS pixels at full size.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from traces.dependencies import Edge
from traces.layout.layers import Stop, chain, layers, ordered
from traces.layout.palette import colour_among

BOX_W, BOX_H = 168, 60
MARGIN = 24
DATABASES = ("sqlite", "mongodb", "redis", "postgresql", "mysql", "mariadb")
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """How large boxes are, and how far from one another."""

    box_w: int = BOX_W
    box_h: int = BOX_H
    gap_x: int = 236
    gap_y: int = 60


@dataclass(frozen=True, slots=True)
class Box:
    """A service or a system outside, which may be a database; x, y is the top left corner."""

    name: str
    x: float
    y: float
    colour: str
    outside: bool
    database: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as an SVG path; x, y is the middle of its label, `label` its width."""

    edge: Edge
    path: str
    x: float
    y: float
    weight: float
    label: int


GRID = Grid()


@dataclass(frozen=True, slots=True)
class Chart:
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float


def chart(edges: Sequence[Edge], services: Collection[str]) -> Chart | None:
    """The map of these edges; whoever is not among `services` never sent a span and is outside."""
    edges = [edge for edge in edges if edge.parent != edge.child]
    if not edges:
        return None
    layer = layers(edges)
    chains = [chain(edge, layer) for edge in edges]
    columns = ordered(chains, layer)
    places, width, height = placed(columns, GRID)
    boxes = tuple(
        Box(
            name=name,
            x=places[name][0],
            y=places[name][1],
            colour=colour_among(name, services),
            outside=name not in services,
            database=name not in services and name in DATABASES,
        )
        for column in columns
        for name in column
        if isinstance(name, str)
    )
    most = max(edge.calls for edge in edges)
    curves = tuple(
        curve(edge, [places[stop] for stop in stops], most, GRID)
        for edge, stops in zip(edges, chains, strict=True)
    )
    return Chart(boxes, curves, width, height)


def placed(columns: Sequence[Sequence[Stop]], grid: Grid) -> tuple[dict[Stop, Point], float, float]:
    """Top left corners, columns centred to one another; and the size of the whole."""
    heights = [len(column) * (grid.box_h + grid.gap_y) - grid.gap_y for column in columns]
    tallest = max(heights)
    places: dict[Stop, Point] = {}
    for number, (column, height) in enumerate(zip(columns, heights, strict=True)):
        y = MARGIN + (tallest - height) / 2
        for stop in column:
            places[stop] = (float(MARGIN + number * (grid.box_w + grid.gap_x)), y)
            y += grid.box_h + grid.gap_y
    width = 2 * MARGIN + len(columns) * grid.box_w + (len(columns) - 1) * grid.gap_x
    return places, float(width), tallest + 2 * MARGIN


def curve(edge: Edge, corners: Sequence[Point], most: int, grid: Grid) -> Curve:
    """From the caller's right to the callee's left side, or back over the top."""
    middle = grid.box_h / 2
    (x0, y0), (x1, y1) = corners[0], corners[-1]
    weight = round(1.5 + 3 * edge.calls / most, 1)
    if x1 <= x0:
        top = min(y0, y1) - grid.gap_y / 2
        start, end = f"M{x0 + grid.box_w / 2:g} {y0:g}", f"{x1 + grid.box_w / 2:g} {y1:g}"
        path = f"{start}C{x0 + grid.box_w / 2:g} {top:g} {x1 + grid.box_w / 2:g} {top:g} {end}"
        return Curve(edge, path, (x0 + x1 + grid.box_w) / 2, top + 6, weight, label_width(edge))
    at: Point = (x0 + grid.box_w, y0 + middle)
    path = f"M{at[0]:g} {at[1]:g}"
    label: Point = at
    for corner in corners[1:]:
        to = (corner[0], corner[1] + middle)
        half = (at[0] + to[0]) / 2
        path += f"C{half:g} {at[1]:g} {half:g} {to[1]:g} {to[0]:g} {to[1]:g}"
        label = ((at[0] + to[0]) / 2, (at[1] + to[1]) / 2)
        at = to
        if corner is not corners[-1]:
            at = (corner[0] + grid.box_w, to[1])
            path += f"H{at[0]:g}"
    return Curve(edge, path, label[0], label[1], weight, label_width(edge))


def label_width(edge: Edge) -> int:
    """Room for `✖ 19 % · p95 19.3 ms`, or for the shorter label of an edge without errors."""
    return 176 if edge.errors else 104 if edge.calls < 100_000 else 124
