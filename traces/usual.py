"""How traces of one kind usually are: the middle and the upper end of the times of each row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from traces.model import Span, Trace
from traces.paths import Path, paths
from traces.times import has_duration
from traces.tree import self_times

ENOUGH = 5  # traces, to say what is usual
FEW = 0.5  # of the traces: a row that fewer have is not usual
BEYOND, LEAST_NS = 1.5, 20_000_000


@dataclass(frozen=True, slots=True)
class UsualRow:
    """Nanoseconds of the spans with one path, and of their own time; in how many traces there was
    one, and in how many it failed.
    """

    count: int
    p50_ns: int
    p95_ns: int
    own_p50_ns: int
    own_p95_ns: int
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual among so many `traces`."""

    traces: int = 0
    took_p50_ns: int = 0
    rows: Mapping[Path, UsualRow] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return self.traces >= ENOUGH

    def has(self, path: Path) -> bool:
        """Whether most of the traces have such a row."""
        row = self.rows.get(path)
        return row is not None and row.count >= FEW * self.traces


@dataclass(slots=True)
class Times:
    whole: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    failed: int = 0


def usual(traces: Iterable[Trace]) -> Usual:
    """The usual of these traces, which should be of one kind."""
    times: dict[Path, Times] = {}
    took: list[int] = []
    for trace in traces:
        own, path_of = self_times(trace), paths(trace)
        took.append(max((span.duration_ns for span in trace.roots), default=0))
        for span in trace.spans:
            if has_duration(span):
                row = times.setdefault(path_of[span.span_id], Times())
                row.whole.append(span.duration_ns)
                row.own.append(own[span.span_id])
                row.failed += span.failed
    rows = {path: summed(row) for path, row in times.items()}
    return Usual(len(took), at(took, 0.5), rows)


def summed(row: Times) -> UsualRow:
    return UsualRow(
        len(row.whole),
        at(row.whole, 0.5),
        at(row.whole, 0.95),
        at(row.own, 0.5),
        at(row.own, 0.95),
        row.failed,
    )


def at(values: Sequence[int], quantile: float) -> int:
    """The value at this quantile, without interpolation; 0 where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))] if ordered else 0


def is_beyond(ns: int, p50_ns: int, p95_ns: int) -> bool:
    """Whether a time is longer than usual by so much that chance does not explain it."""
    return ns > BEYOND * p95_ns and ns - p50_ns > LEAST_NS


def beyond(trace: Trace, known: Usual) -> Sequence[tuple[Span, UsualRow]]:
    """The spans whose own time is longer than usual, the one with the most of it first."""
    own, path_of = self_times(trace), paths(trace)
    found = [
        (span, row)
        for span in trace.spans
        if has_duration(span) and known.has(path_of[span.span_id])
        for row in [known.rows[path_of[span.span_id]]]
        if is_beyond(own[span.span_id], row.own_p50_ns, row.own_p95_ns)
    ]
    return sorted(found, key=lambda one: one[1].own_p50_ns - own[one[0].span_id])
