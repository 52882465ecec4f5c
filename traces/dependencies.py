"""Which service calls which: how often, how slowly, and how often the call fails."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from traces.model import Status


@dataclass(frozen=True, slots=True)
class Edge:
    """Calls from one service to another; `errors` of them failed at the caller."""

    parent: str
    child: str
    calls: int
    errors: int = 0
    p95_ns: int = 0


class Call(NamedTuple):
    """One call as its caller saw it; `status` is a number of Status."""

    parent: str
    child: str
    duration_ns: int
    status: int


def edges(calls: Iterable[Call]) -> list[Edge]:
    """One edge for each caller and callee, sorted by name."""
    durations: dict[tuple[str, str], list[int]] = defaultdict(list)
    errors: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        pair = (call.parent, call.child)
        durations[pair].append(max(0, call.duration_ns))
        errors[pair] += call.status == Status.ERROR
    return [
        Edge(*pair, calls=len(taken), errors=errors[pair], p95_ns=percentile(taken, 95))
        for pair, taken in sorted(durations.items())
    ]


def percentile(values: list[int], percent: int) -> int:
    """The smallest value that at least `percent` in a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
