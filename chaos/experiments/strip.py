"""The course of an experiment as a drawing: what was done when, and for how long."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chaos.experiments.verdict import Journal

WIDTH, THINNEST, GAP = 1000.0, 3.0, 8.0
ROOMY = 600.0  # what ends before this has room for its name behind it


@dataclass(frozen=True)
class Piece:
    """One activity: `phase` is before, method, after or rollback; places are thousandths."""

    name: str
    phase: str
    well: bool
    x: float
    width: float
    row: int

    @property
    def label(self) -> str:
        """On which side of it its name has room."""
        if self.x + self.width < ROOMY:
            return "right"
        return "left" if self.x > WIDTH - ROOMY else "inside"

    @property
    def label_x(self) -> float:
        start = {"right": self.x + self.width + GAP, "left": self.x - GAP, "inside": self.x + GAP}
        return round(start[self.label], 1)


@dataclass(frozen=True)
class Strip:
    """`shade` is the time in which the shop was tampered with, from the method to the rollbacks."""

    pieces: tuple[Piece, ...]
    shade: tuple[float, float]
    seconds: float


def strip(journal: Journal) -> Strip:
    start, end = moment(journal["start"]), moment(journal["end"])
    length = max(end - start, 0.001)

    def at(time: float) -> float:
        return round(max(0.0, min(WIDTH, (time - start) / length * WIDTH)), 1)

    pieces = [
        Piece(
            run["activity"]["name"],
            phase,
            run["status"] == "succeeded" and run.get("tolerance_met", True),
            at(moment(run["start"])),
            max(THINNEST, at(moment(run["end"])) - at(moment(run["start"]))),
            row,
        )
        for row, (phase, run) in enumerate(runs(journal))
    ]
    tampered = [run for phase, run in runs(journal) if phase in {"method", "rollback"}]
    shade = (
        (at(moment(tampered[0]["start"])), at(moment(tampered[-1]["end"])))
        if tampered
        else (0.0, 0.0)
    )
    return Strip(tuple(pieces), shade, length)


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


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
