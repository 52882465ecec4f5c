"""The scatter plot of a search: time to the right, duration up, one mark per trace.

Places are percent of the plot, so it stretches to any width while its text keeps its size.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lens.views.histogram import BARS, Bar, histogram
from traces.summary import TraceSummary
from traces.units import duration

WIDE = 20
SECOND = 1_000_000_000
DAY_S = 86_400
LABEL_PERCENT = 12
TIME_STEPS_S = (
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    21_600,
    43_200,
    86_400,
)


# What the ticks of a logarithmic scale may be: powers of ten up to 10 s, then of the clock.
ROUND = (
    *(10.0**power for power in range(11)),
    *(SECOND * 60.0 * n for n in (1, 10, 60, 600)),
    *(SECOND * DAY_S * 10.0**power for power in range(6)),
)


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    radius: float
    trace: TraceSummary


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis; `spare` ones have no label where the plot is narrow."""

    at: float
    label: str = ""
    ns: int = 0
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Scatter:
    """Failed traces come last, so that they are drawn on top. The labels of `times` have a date if
    they span `days`, and a time of day unless each is a day of its own (not `hours`).
    """

    marks: tuple[Mark, ...]
    times: tuple[Tick, ...]
    durations: tuple[Tick, ...]
    logarithmic: bool
    days: bool
    hours: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """From a value to percent, with a margin at both ends."""

    low: float
    high: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        return round(100 * (value - low) / (high - low), 2)

    def value(self, percent: float) -> float:
        """What lies at that place."""
        if self.logarithmic:
            return self.low * math.pow(self.high / self.low, percent / 100)
        return self.low + (self.high - self.low) * percent / 100


def scatter(traces: Sequence[TraceSummary]) -> Scatter | None:
    """The plot of these traces, or None when there is nothing to plot."""
    if not traces:
        return None
    across = time_scale([trace.start_ns for trace in traces])
    up = duration_scale([max(1_000, trace.duration_ns) for trace in traces])
    marks = [
        Mark(
            x=across(trace.start_ns),
            y=round(100 - up(max(1_000, trace.duration_ns)), 2),
            radius=radius(trace.spans),
            trace=trace,
        )
        for trace in sorted(traces, key=lambda trace: (trace.errors > 0, -trace.spans))
    ]
    times, step = time_ticks(across)
    days = across.high - across.low > DAY_S * SECOND
    durations = duration_ticks(up)
    bars = histogram(traces, [up.value(100 * n / BARS) for n in range(1, BARS)])
    return Scatter(tuple(marks), times, durations, up.logarithmic, days, step < DAY_S, bars)


def radius(spans: int) -> float:
    """The area grows with the spans, within what can be clicked and what hides no neighbour."""
    return round(min(14.0, 4 + math.sqrt(spans)), 1)


def time_scale(starts: Sequence[int]) -> Scale:
    low, high = min(starts), max(starts)
    margin = max((high - low) * 0.03, SECOND)
    return Scale(low - margin, high + margin)


def duration_scale(durations: Sequence[int]) -> Scale:
    low, high = min(durations), max(durations)
    if high / low > WIDE:
        return Scale(low / 1.6, high * 1.6, logarithmic=True)
    return Scale(0, high * 1.15)


def time_ticks(scale: Scale) -> tuple[tuple[Tick, ...], int]:
    """At most seven ticks, and the seconds between them."""
    width = (scale.high - scale.low) / SECOND
    step = next((s for s in TIME_STEPS_S if width / s <= 6), 0)
    step = step or math.ceil(width / 6 / DAY_S) * DAY_S
    first = math.ceil(scale.low / SECOND / step) * step
    seconds = range(first, int(scale.high // SECOND) + 1, step)
    ticks = (
        Tick(scale(s * SECOND), ns=s * SECOND, spare=number % 3 > 0)
        for number, s in enumerate(seconds)
    )
    return tuple(ticks), step


def duration_ticks(scale: Scale) -> tuple[Tick, ...]:
    if scale.logarithmic:
        values = spaced([ns for ns in ROUND if scale.low <= ns <= scale.high], scale)
    else:
        step = nice_step(scale.high / 4)
        values = [step * n for n in range(1, int(scale.high / step) + 1)]
    return tuple(Tick(round(100 - scale(value), 2), duration(value)) for value in values)


def spaced(values: Sequence[float], scale: Scale) -> list[float]:
    """Those, from the lowest on, whose labels do not touch."""
    kept: list[float] = []
    for value in values:
        if not kept or scale(value) - scale(kept[-1]) >= LABEL_PERCENT:
            kept.append(value)
    return kept


def nice_step(least: float) -> float:
    """The next of 1, 2, 5, 10, ... times a power of ten; above a minute, of whole times."""
    if least > 30 * SECOND:
        return next((s * SECOND for s in TIME_STEPS_S if s * SECOND >= least), None) or (
            math.ceil(least / SECOND / DAY_S) * DAY_S * SECOND
        )
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= least)
