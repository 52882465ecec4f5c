"""Who calls whom, how often, how slowly and how often in vain."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from lens.domain.model import ERROR, Edge


class Call(NamedTuple):
    """One call as its caller saw it; `status` is UNSET, OK or ERROR."""

    parent: str
    child: str
    duration_ns: int
    status: int


def edges(calls: Iterable[Call]) -> list[Edge]:
    """Calls between the same two, drawn together; sorted by name."""
    durations: dict[tuple[str, str], list[int]] = defaultdict(list)
    errors: dict[tuple[str, str], int] = defaultdict(int)
    for call in calls:
        pair = (call.parent, call.child)
        durations[pair].append(max(0, call.duration_ns))
        errors[pair] += call.status == ERROR
    return [
        Edge(*pair, calls=len(taken), errors=errors[pair], p95_ns=percentile(taken, 95))
        for pair, taken in sorted(durations.items())
    ]


def percentile(values: list[int], percent: int) -> int:
    """The smallest value that at least `percent` in a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
