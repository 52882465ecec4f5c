"""Boxes in layers from caller to callee, and in an order that crosses few edges.

Layers are longest ways from a caller, rings broken where they close; an edge that skips a layer
gets a bend in it, so that it goes around boxes; a layer is ordered by where its neighbours are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from traces.dependencies import Edge

SWEEPS = 6
Bend = tuple[str, str, int]
Stop = str | Bend


def layers(edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each name: one more than its furthest caller's."""
    callees: dict[str, list[str]] = defaultdict(list)
    for edge in sorted(edges, key=lambda e: (e.parent, e.child)):
        callees[edge.parent].append(edge.child)
    called = {edge.child for edge in edges}
    names = sorted({edge.parent for edge in edges} | called, key=lambda n: (n in called, n))
    order: list[str] = []
    state: dict[str, int] = {}
    backward: set[tuple[str, str]] = set()
    for name in names:
        visit(name, callees, state, order, backward)
    layer = dict.fromkeys(names, 0)
    for name in reversed(order):
        for child in callees.get(name, ()):
            if (name, child) not in backward:
                layer[child] = max(layer[child], layer[name] + 1)
    return layer


def visit(
    name: str,
    callees: Mapping[str, Sequence[str]],
    state: dict[str, int],
    order: list[str],
    backward: set[tuple[str, str]],
) -> None:
    """Depth first; `order` is by when a name was left, `backward` the edges that close a ring."""
    if name in state:
        return
    state[name] = 1
    ways = [(name, iter(callees.get(name, ())))]
    while ways:
        here, rest = ways[-1]
        child = next(rest, None)
        if child is None:
            ways.pop()
            state[here] = 2
            order.append(here)
        elif child not in state:
            state[child] = 1
            ways.append((child, iter(callees.get(child, ()))))
        elif state[child] == 1:
            backward.add((here, child))


def chain(edge: Edge, layer: Mapping[str, int]) -> list[Stop]:
    """From caller to callee, with a bend in every layer between."""
    start, end = layer[edge.parent], layer[edge.child]
    step = 1 if end >= start else -1
    bends: list[Stop] = [(edge.parent, edge.child, at) for at in range(start + step, end, step)]
    return [edge.parent, *bends, edge.child]


def ordered(chains: Sequence[Sequence[Stop]], layer: Mapping[str, int]) -> list[list[Stop]]:
    """The columns, each sorted so that neighbours are near one another."""
    columns: list[list[Stop]] = [[] for _ in range(1 + max(layer.values()))]
    near: dict[Stop, list[Stop]] = defaultdict(list)
    for stops in chains:
        for stop in stops:
            column = columns[layer[stop] if isinstance(stop, str) else stop[2]]
            if stop not in column:
                column.append(stop)
        for one, other in pairwise(stops):
            near[one].append(other)
            near[other].append(one)
    for column in columns:
        column.sort(key=str)
    for sweep in range(SWEEPS):
        rank = {s: i - len(col) / 2 for col in columns for i, s in enumerate(col)}
        for column in columns if sweep % 2 == 0 else reversed(columns):
            column.sort(key=lambda s: sum(rank[n] for n in near[s]) / max(1, len(near[s])))
            rank.update({s: i - len(column) / 2 for i, s in enumerate(column)})
    return columns
