"""All that the control room shows, ready to be written into the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlencode

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.views.clicks import Last, Strip
from chaos.control_plane.views.rows import Listed, Row, meant, seen
from chaos.control_plane.views.service_map import outside
from chaos.control_plane.views.sliders import Turned, knobs, places
from chaos.control_plane.views.wording import Mark, marks
from chaos.engine.model import ALL

Scope = Literal["mine", "class"]
EXAMPLE = """\
faults:
  - id: carrier-slow
    title: the carrier takes its time
    where: {side: client, service: shipping, peer: carrier}
    rate: 0.5
    ttl: 10m
    effect: {type: latency, dist: lognormal, ms: 300, p99_ms: 3000}
"""


NOTES = {
    "calm": "In calm, nothing fails by default.",
    "default": "By default, auth and the carrier now and then fail to answer what they are asked.",
    "realistic": "Realistic: a little of everything, as on an ordinary day.",
    "file": "What fails is from the file that the shop was started with.",
}


@dataclass(frozen=True)
class Links:
    """Where the shop and the traces are, for a browser."""

    shop: str
    lens: str


@dataclass(frozen=True)
class Board:
    """The whole page. `all_rows` are all faults that the one who looks may see; what is hidden is
    not among them unless a presenter asked for it, and then the caller is not `guessing`.
    """

    caller: Caller
    links: Links
    scope: Scope
    all_rows: tuple[Row, ...]
    profile: str
    profiles: tuple[str, ...]
    stopped: bool
    applied: str
    now: float
    last: Last | None = None
    strip: Strip | None = None
    scenarios: tuple[Mapping[str, Any], ...] = ()
    asked: str = ""

    def address(self, path: str = "/", **more: str) -> str:
        """An address of ours, with the session that was asked for and not found in a cookie."""
        query = {"session": self.asked, "hidden": "show" if self.caller.sees_hidden else "", **more}
        found = urlencode({name: text for name, text in query.items() if text})
        return f"{path}?{found}" if found else path

    @cached_property
    def seen(self) -> list[Row]:
        return seen(self.all_rows, mine=self.scope == "mine")

    @property
    def rows(self) -> list[Listed]:
        """Those that strike come first, of these the private ones."""
        order = {"mine": 0, "class": 1, "other": 2}
        there = [row for row in self.all_rows if not row.replaced]
        there.sort(key=lambda row: (row.rests, order[row.whose], row.fault.id))
        return [Listed(row, self.now, self._is_meant(row)) for row in there]

    def _is_meant(self, row: Row) -> bool:
        """Whether nothing stands in for it: one's own faults strike, whichever view is chosen."""
        mine = self.scope == "mine" or row.whose == "mine"
        return row.whose == "other" or row in meant(self.all_rows, mine=mine)

    @cached_property
    def marks(self) -> Mapping[Any, Mark]:
        return marks(row.fault for row in self.seen)

    def mark(self, *target: str) -> Mark | None:
        """That of a box, by its name, or of a line, by its ends and its stream."""
        return self.marks.get(target if len(target) > 1 else target[0])

    @cached_property
    def knobs(self) -> Mapping[str, tuple[Turned, ...]]:
        session = self.caller.session if self.scope == "mine" else ""
        found = knobs(self._for_knobs(), session)
        return {name: tuple(map(Turned, there)) for name, there in found.items()}

    @cached_property
    def alone(self) -> bool:
        """Whether all rests that does not stand in for something, as while a scenario runs."""
        there = meant(self.all_rows, mine=self.scope == "mine")
        return any(row.fault.instead_of == ALL for row in there)

    def _for_knobs(self) -> list[Row]:
        rows = self.all_rows
        return [row for row in rows if row.fault.instead_of] if self.alone else list(rows)

    @property
    def may_turn(self) -> bool:
        return bool(self.caller.session) if self.scope == "mine" else self.caller.is_presenter

    @property
    def stops(self) -> Literal["all", "mine"]:
        return "all" if self.caller.is_presenter else "mine"

    @property
    def headline(self) -> str:
        number = len(self.seen)
        whom = "you" if self.scope == "mine" else "everybody"
        if number:
            return f"{number} fault{'s strike' if number > 1 else ' strikes'} {whom}"
        if any(scenario["runs"] for scenario in self.scenarios):
            return "A scenario runs: find out what is wrong"
        return f"Nothing strikes {whom}" if any(self._alone) else "Calm: nothing fails on purpose"

    @property
    def _alone(self) -> tuple[int, int]:
        """How many faults strike somebody alone beside those of the headline: you, and others."""
        struck = seen(self.all_rows, mine=True) if self.scope == "class" else []
        others = sum(row.whose == "other" and row.strikes for row in self.all_rows)
        return sum(row.whose == "mine" for row in struck), others

    @property
    def note(self) -> str:
        told = "Everything was stopped." if self.stopped else NOTES.get(self.profile, "")
        if self.alone:
            told = "A scenario runs: all faults rest but its own, and those put for oneself."
        more = " more" if self.seen else ""
        for number, whom in zip(self._alone, ("you", "somebody else"), strict=True):
            if number:
                told += f" {number}{more} {'strike' if number > 1 else 'strikes'} {whom} alone."
        return told.strip()

    @cached_property
    def places(self) -> Mapping[str, str]:
        return places()

    @cached_property
    def outside(self) -> Iterable[str]:
        return outside()
