"""What the faults did to a session's last click, and what they will do to the next ones."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaos.control_plane.domain.hits import RecordedHit
from chaos.control_plane.views.wording import percent

DAY = 24 * 3600


@dataclass(frozen=True)
class Matched:
    """A fault that matched a click: where, whether it fired and why, and how many times."""

    fault: str
    place: str
    fired: bool
    why: str
    times: int = 1


@dataclass(frozen=True)
class LastClick:
    """The last click that matched a fault, by its trace; `at` is in unix seconds."""

    trace_id: str
    lines: tuple[Matched, ...]
    at: float

    @property
    def clock(self) -> str:
        """When it was, for a page without script."""
        minutes, seconds = divmod(int(self.at) % DAY, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02} UTC"

    @property
    def fired(self) -> int:
        return sum(line.times for line in self.lines if line.fired)

    @property
    def sentence(self) -> str:
        if not self.fired:
            return "No fault fired."
        names = ", ".join(dict.fromkeys(line.fault for line in self.lines if line.fired))
        return f"{names} fired{' once' if self.fired == 1 else f' {self.fired} times'}."


@dataclass(frozen=True)
class NextClick:
    """A click that is yet to come: the faults that will fire in it."""

    step: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Forecast:
    """The next clicks, if each repeats the last one."""

    places: tuple[str, ...]
    steps: tuple[NextClick, ...]

    @property
    def sentence(self) -> str:
        first = next((at for at, step in enumerate(self.steps) if step.faults), None)
        if first is None:
            return f"The next {len(self.steps)} succeed."
        if first == 0:
            return "A fault fires in the next one."
        return f"{first} more {'succeed' if first > 1 else 'succeeds'}, then a fault fires."


def forecast(rehearsal: Mapping[str, Any], in_force: Container[str]) -> Forecast | None:
    """The answer of a rehearsal, reduced to the faults that are `in_force`; None without a last
    click.
    """
    tail = f"-{rehearsal['session']}"
    steps = tuple(
        NextClick(
            step["step"],
            tuple(id_.removesuffix(tail) for id_ in step["faults"] if id_ in in_force),
        )
        for step in rehearsal["next"]
    )
    return Forecast(tuple(rehearsal["places"]), steps) if steps else None


def last_click(noted: Iterable[RecordedHit]) -> LastClick | None:
    """The last click of these hits and misses, which are all of one session."""
    noted = list(noted)
    last = next((one.hit for one in reversed(noted) if one.hit.trace_id), None)
    if last is None:
        return None
    counts = Counter(matched(one) for one in noted if one.hit.trace_id == last.trace_id)
    lines = tuple(replace(line, times=times) for line, times in counts.items())
    return LastClick(last.trace_id, lines, last.at)


def matched(noted: RecordedHit) -> Matched:
    hit = noted.hit
    name = hit.fault.removesuffix(f"-{hit.session}")
    return Matched(name, f"{noted.service}, {hit.place}", hit.fired, why(hit.draw, hit.rate))


def why(draw: float | None, rate: float | None) -> str:
    if rate in {None, 1}:
        return "always"
    if draw is None:
        return f"rate {percent(rate or 0)}"
    return f"drew {draw:.2f}, fires below {rate:.2f}"
