"""How many traces took how long: bars beside the scatter plot, on its scale of durations, each of
which narrows the search to its traces.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from lens.domain.durations import nanoseconds
from traces.summary import TraceSummary
from traces.units import plural

BARS = 12
GAP = 1.0
UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns"))


@dataclass(frozen=True, slots=True)
class Bar:
    """So many traces that took at least `low` and less than `high`, as the search has durations;
    the first and last bars are open to one side. Places are percent of the plot from its top.
    """

    low: str
    high: str
    y: float
    height: float
    width: float
    failed_width: float
    traces: int
    failed: int

    @property
    def words(self) -> str:
        between = f"from {self.low} to {self.high}" if self.low and self.high else ""
        ends = between or (f"of {self.low} and more" if self.low else f"below {self.high}")
        failed = f", {self.failed} with an error" if self.failed else ""
        return f"{plural(self.traces, 'trace')} {ends}{failed}"


def histogram(traces: Sequence[TraceSummary], edges: Sequence[float]) -> tuple[Bar, ...]:
    """The bars of these traces; `edges` are the durations between them, in nanoseconds and in
    order, at equal distances on the scale.
    """
    texts = [as_typed(edge) for edge in edges]
    starts = [nanoseconds(text) for text in texts]
    counts, failed = [0] * BARS, [0] * BARS
    for trace in traces:
        place = bisect_right(starts, trace.duration_ns)
        counts[place] += 1
        failed[place] += trace.errors > 0
    most = max(counts)
    height = 100 / BARS
    return tuple(
        Bar(
            low=texts[place - 1] if place else "",
            high=texts[place] if place < len(texts) else "",
            y=round(100 - height * (place + 1) + GAP / 2, 2),
            height=round(height - GAP, 2),
            width=round(100 * count / most, 1),
            failed_width=round(100 * failed[place] / most, 1),
            traces=count,
            failed=failed[place],
        )
        for place, count in enumerate(counts)
        if count
    )


def as_typed(ns: float) -> str:
    """A duration of three digits as it is typed into a search: `12.3ms`."""
    size, unit = next((one for one in UNITS if ns >= one[0]), UNITS[-1])
    value = ns / size
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f}{unit}"
