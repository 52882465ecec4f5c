"""The timeline of an experiment, drawn: what was done when, and for how long."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chaos.experiments.journal import Journal, unix_seconds

WIDTH, THINNEST, GAP = 1000.0, 3.0, 8.0
LABEL_RIGHT = 600.0  # a bar that ends before this has its label to the right


@dataclass(frozen=True)
class Bar:
    """One activity: `phase` is before, method, after or rollback; x and width are thousandths."""

    name: str
    phase: str
    ok: bool
    x: float
    width: float
    row: int

    @property
    def label(self) -> str:
        """On which side of the bar its label fits."""
        if self.x + self.width < LABEL_RIGHT:
            return "right"
        return "left" if self.x > WIDTH - LABEL_RIGHT else "inside"

    @property
    def label_x(self) -> float:
        start = {"right": self.x + self.width + GAP, "left": self.x - GAP, "inside": self.x + GAP}
        return round(start[self.label], 1)


@dataclass(frozen=True)
class Timeline:
    """`shade` is the time in which the shop was changed, from the method to the rollbacks."""

    bars: tuple[Bar, ...]
    shade: tuple[float, float]
    seconds: float


def timeline(journal: Journal) -> Timeline:
    start, end = unix_seconds(journal["start"]), unix_seconds(journal["end"])
    length = max(end - start, 0.001)

    def at(time: float) -> float:
        return round(max(0.0, min(WIDTH, (time - start) / length * WIDTH)), 1)

    bars = [
        Bar(
            run["activity"]["name"],
            phase,
            run["status"] == "succeeded" and run.get("tolerance_met", True),
            at(unix_seconds(run["start"])),
            max(THINNEST, at(unix_seconds(run["end"])) - at(unix_seconds(run["start"]))),
            row,
        )
        for row, (phase, run) in enumerate(runs(journal))
    ]
    changed = [run for phase, run in runs(journal) if phase in {"method", "rollback"}]
    shade = (
        (at(unix_seconds(changed[0]["start"])), at(unix_seconds(changed[-1]["end"])))
        if changed
        else (0.0, 0.0)
    )
    return Timeline(tuple(bars), shade, length)


def runs(journal: Journal) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every activity with its phase, in the order in which they were done."""
    states = journal["steady_states"]
    for run in (states["before"] or {}).get("probes", ()):
        yield "before", run
    for run in journal["run"]:
        yield "method", run
    for run in (states["after"] or {}).get("probes", ()):
        yield "after", run
    for run in journal["rollbacks"]:
        yield "rollback", run
