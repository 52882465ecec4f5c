"""The columns of the service map: callers before callees, few lines crossing."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from shared.topology import SERVICES

SWEEPS = 8
Pair = tuple[str, str]
Bend = tuple[str, str, int]
Stop = str | Bend


def calls() -> tuple[Pair, ...]:
    """Who calls whom, of all that can be struck, and the systems outside."""
    struck = {service.name for service in SERVICES if service.traced}
    return tuple(
        (service.name, callee)
        for service in SERVICES
        if service.traced
        for callee in (*service.calls, *service.outside)
        if callee in struck or callee in service.outside
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
    """The systems that are not ours, and the service that calls each."""
    return {name: service.name for service in SERVICES for name in service.outside}


def columns(pairs: Sequence[Pair]) -> list[list[Stop]]:
    """The names in layers from caller to callee; a line that skips a layer has a bend in it."""
    layer = layers(pairs)
    ways = [way(pair, layer) for pair in pairs]
    found: list[list[Stop]] = [[] for _ in range(1 + max(layer.values()))]
    for stop in dict.fromkeys(stop for stops in ways for stop in stops):
        found[layer[stop] if isinstance(stop, str) else stop[2]].append(stop)
    near = neighbours(ways)
    for _ in range(SWEEPS):
        for column in (*found, *reversed(found)):
            rank = ranks(found)
            column.sort(key=lambda stop: sum(rank[n] for n in near[stop]) / len(near[stop]))
    return found


def layers(pairs: Iterable[Pair]) -> dict[str, int]:
    """How far each is from where a click begins, by the longest way. The calls have no rings."""
    pairs = list(pairs)
    layer = {name: 0 for pair in pairs for name in pair}
    for _ in layer:
        for caller, callee in pairs:
            layer[callee] = max(layer[callee], layer[caller] + 1)
    return layer


def way(pair: Pair, layer: Mapping[str, int]) -> list[Stop]:
    caller, callee = pair
    bends: list[Stop] = [(caller, callee, at) for at in range(layer[caller] + 1, layer[callee])]
    return [caller, *bends, callee]


def neighbours(ways: Iterable[Sequence[Stop]]) -> dict[Stop, list[Stop]]:
    near: dict[Stop, list[Stop]] = {}
    for stops in ways:
        for one, other in pairwise(stops):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    return near


def ranks(found: Sequence[Sequence[Stop]]) -> dict[Stop, float]:
    """Where each stands in its column, counted from the middle."""
    return {
        stop: place - (len(column) - 1) / 2 for column in found for place, stop in enumerate(column)
    }
