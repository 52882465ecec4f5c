"""What the faults did to a session's last click, and what they will do to the next ones."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaos.control_plane.domain.hits import Noted
from chaos.control_plane.views.wording import percent

DAY = 24 * 3600


@dataclass(frozen=True)
class Met:
    """One fault that one click met: where, whether it struck, and why so, so many times."""

    fault: str
    place: str
    fired: bool
    why: str
    times: int = 1


@dataclass(frozen=True)
class Last:
    """The last click that met a fault, by its trace; `at` is in unix seconds."""

    trace_id: str
    lines: tuple[Met, ...]
    at: float

    @property
    def clock(self) -> str:
        """When it was, as is written where there is no script."""
        minutes, seconds = divmod(int(self.at) % DAY, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02} UTC"

    @property
    def struck(self) -> int:
        return sum(line.times for line in self.lines if line.fired)

    @property
    def sentence(self) -> str:
        if not self.struck:
            return "It came through: nothing struck."
        names = ", ".join(dict.fromkeys(line.fault for line in self.lines if line.fired))
        return f"{names} struck it{' once' if self.struck == 1 else f', {self.struck} times'}."


@dataclass(frozen=True)
class Next:
    """What a step does that is yet to come: which faults will strike it."""

    step: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Strip:
    """The next steps, if each is the last click once more."""

    places: tuple[str, ...]
    steps: tuple[Next, ...]

    @property
    def sentence(self) -> str:
        first = next((at for at, step in enumerate(self.steps) if step.faults), None)
        if first is None:
            return f"The next {len(self.steps)} come through."
        if first == 0:
            return "The next one fails."
        return f"{first} more {'come' if first > 1 else 'comes'} through, then one fails."


def strip(told: Mapping[str, Any], striking: Container[str]) -> Strip | None:
    """The answer of a rehearsal, of it the faults that are `striking` now; None when there is
    nothing to do again.
    """
    tail = f"-{told['session']}"
    steps = tuple(
        Next(
            step["step"],
            tuple(id_.removesuffix(tail) for id_ in step["faults"] if id_ in striking),
        )
        for step in told["next"]
    )
    return Strip(tuple(told["places"]), steps) if steps else None


def last_click(noted: Iterable[Noted]) -> Last | None:
    """The last click of these hits and misses, which are all of one session."""
    noted = list(noted)
    last = next((one.hit for one in reversed(noted) if one.hit.trace_id), None)
    if last is None:
        return None
    there = Counter(met(one) for one in noted if one.hit.trace_id == last.trace_id)
    lines = tuple(replace(line, times=times) for line, times in there.items())
    return Last(last.trace_id, lines, last.at)


def met(noted: Noted) -> Met:
    hit = noted.hit
    name = hit.fault.removesuffix(f"-{hit.session}")
    return Met(name, f"{noted.service}, {hit.place}", hit.fired, why(hit.draw, hit.rate))


def why(draw: float | None, rate: float | None) -> str:
    if rate in {None, 1}:
        return "always"
    if draw is None:
        return f"rate {percent(rate or 0)}"
    return f"drew {draw:.2f}, strikes below {rate:.2f}"
