"""Traces that links join: what a trace follows from, what follows from it, and so on from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from traces.summary import TraceSummary

FURTHEST, MOST_EACH, MOST = 3, 6, 24


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of one trace: its summary, None if it is not kept, and how many links lead from
    it to each trace (`causes`), and to it from each (`followers`).
    """

    summary: TraceSummary | None
    causes: Mapping[str, int] = field(default_factory=dict)
    followers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TraceLink:
    """So many links from spans of `follower` to spans of `cause`."""

    cause: str
    follower: str
    count: int


@dataclass(frozen=True, slots=True)
class Related:
    """Traces by their ids, `start` first; `more` says how many neighbours of one are left out."""

    start: str
    traces: Mapping[str, TraceSummary | None]
    links: tuple[TraceLink, ...]
    more: Mapping[str, int]


def related(start: str, look: Callable[[str], Neighbours]) -> Related:
    """The traces around one, nearest first, each looked up once: FURTHEST links away, MOST_EACH new
    ones at each, MOST in all.
    """
    known = {start: look(start)}
    more: dict[str, int] = {}
    edge = [start]
    for _ in range(FURTHEST):
        reached: list[str] = []
        for trace_id in edge:
            here = known[trace_id]
            beside = [one for one in (*here.causes, *here.followers) if one != trace_id]
            new = [one for one in dict.fromkeys(beside) if one not in known]
            taken = new[: min(MOST_EACH, MOST - len(known))]
            known |= {one: look(one) for one in taken}
            reached += taken
            if left := len(new) - len(taken):
                more[trace_id] = left
        edge = reached
    links = {
        (cause, follower): count
        for trace_id, here in known.items()
        for cause, follower, count in (
            *((cause, trace_id, count) for cause, count in here.causes.items()),
            *((trace_id, follower, count) for follower, count in here.followers.items()),
        )
        if cause in known and follower in known and cause != follower
    }
    return Related(
        start,
        {trace_id: here.summary for trace_id, here in known.items()},
        tuple(TraceLink(*pair, count) for pair, count in sorted(links.items())),
        more,
    )
