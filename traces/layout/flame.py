"""A flame graph of a trace: what calls what, and how much time is spent there, from top to bottom.

Siblings of one service and name are one frame, however many they are and whenever they ran. A
frame is as wide as the time that its spans and all below them spent themselves, so that nothing is
counted twice and what runs in parallel adds up: it shows work, the waterfall shows time passing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from traces.layout.palette import colour
from traces.model import Span, Trace
from traces.tree import self_times, tree

HEIGHT = 26
DEEPEST, MOST_FRAMES = 60, 1_000
THINNEST = 0.1


@dataclass(slots=True, eq=False)
class Node:
    """The spans of one service and name below the same callers; times in nanoseconds."""

    service: str
    name: str
    first: Span
    depth: int
    above: "Node | None" = None
    spans: int = 0
    errors: int = 0
    self_ns: int = 0
    total_ns: int = 0
    below: dict[tuple[str, str], "Node"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A node at its place, x and width in percent. `above` are callers of what is looked at."""

    node: Node
    x: float
    width: float
    y: int
    colour: str
    above: bool


@dataclass(frozen=True, slots=True)
class Flame:
    """The frames from the top; `total_ns` is the width of all, `left_out` of them are too thin, too
    deep or too many. `focus` is what fills the width, if not the whole trace does.
    """

    frames: tuple[Frame, ...]
    height: int
    total_ns: int
    left_out: int
    focus: Node | None


def flame(trace: Trace, focus: Span | None = None) -> Flame:
    """The flame graph of a trace, or of the part of it below the frame of a span."""
    tops, node_of = nodes(trace)
    centre = node_of[focus.span_id] if focus else None
    callers = list(ancestors(centre)) if centre else []
    shown = [centre] if centre else list(tops.values())
    total = sum(node.total_ns for node in shown)
    frames = [
        Frame(node, 0, 100, number * HEIGHT, colour(node.service), above=True)
        for number, node in enumerate(reversed(callers))
    ]
    left_out = 0
    for frame in placed(shown, total, len(callers)):
        if frame.width < THINNEST or frame.y >= DEEPEST * HEIGHT or len(frames) >= MOST_FRAMES:
            left_out += 1
        else:
            frames.append(frame)
    height = HEIGHT + max(frame.y for frame in frames)
    return Flame(tuple(frames), height, total, left_out, centre)


def nodes(trace: Trace) -> tuple[dict[tuple[str, str], Node], Mapping[str, Node]]:
    """The topmost nodes, and the node of each span by its id."""
    own = self_times(trace)
    tops: dict[tuple[str, str], Node] = {}
    node_of: dict[str, Node] = {}
    way: list[Node] = []
    for row in tree(trace):
        span = row.span
        del way[row.depth :]
        siblings = way[-1].below if way else tops
        key = (span.service, span.name)
        node = siblings.get(key)
        if node is None:
            above = way[-1] if way else None
            node = siblings[key] = Node(*key, span, row.depth, above)
        node.spans += 1
        node.errors += span.failed
        if span.failed and not node.first.failed:
            node.first = span
        node.self_ns += own[span.span_id]
        way.append(node)
        node_of[span.span_id] = node
    # From the last on, so that a node is complete when it is added to the one above.
    for node in reversed(dict.fromkeys(node_of.values(), None)):
        node.total_ns += node.self_ns
        if node.above:
            node.above.total_ns += node.total_ns
    return tops, node_of


def ancestors(node: Node) -> Iterator[Node]:
    while node.above is not None:
        node = node.above
        yield node


def placed(shown: list[Node], total: int, deep: int) -> Iterator[Frame]:
    """The frames of these nodes and of all below them, level by level, the widest first."""
    level = list(beside(shown, 0.0, total))
    depth = deep
    while level:
        for node, x in level:
            place = (round(x, 3), round(share(node, total), 3), depth * HEIGHT)
            yield Frame(node, *place, colour(node.service), above=False)
        level = [
            below for node, x in level for below in beside(list(node.below.values()), x, total)
        ]
        depth += 1


def beside(nodes: list[Node], x: float, total: int) -> Iterator[tuple[Node, float]]:
    """Each of the nodes with where it begins, the widest first."""
    for node in sorted(nodes, key=lambda one: -one.total_ns):
        yield node, x
        x += share(node, total)


def share(node: Node, total: int) -> float:
    """How much of the whole is a node's, in percent."""
    return 100 * node.total_ns / total if total else 100.0
