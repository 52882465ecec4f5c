"""All that the control room shows, ready for its template."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlencode

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.views.clicks import Forecast, LastClick
from chaos.control_plane.views.rows import Listed, Row, applicable, in_force
from chaos.control_plane.views.service_map import outside
from chaos.control_plane.views.sliders import Slider, places, sliders
from chaos.control_plane.views.wording import Mark, marks
from chaos.engine.model import ALL
from traces.units import plural

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


STOPPED = "Everything was stopped; the shop's default faults rest, too."
NOTES = {
    "calm": "Calm: no default faults.",
    "default": "By default, some requests to auth and to the carrier fail.",
    "realistic": "Realistic: a little of everything, as on an ordinary day.",
    "file": "The default faults are from the file that the shop was started with.",
}


@dataclass(frozen=True)
class Links:
    """Where the shop and the traces are, for a browser."""

    shop: str
    lens: str


@dataclass(frozen=True)
class Board:
    """The whole page. `all_rows` are the faults that the viewer may see; hidden ones are among them
    only if a presenter wants them shown, and then the caller is not `guessing`. `session_given`
    is the session of the page's address, if any. `before` is the profile that was chosen before
    everything was stopped.
    """

    caller: Caller
    links: Links
    scope: Scope
    all_rows: tuple[Row, ...]
    profile: str
    profiles: tuple[str, ...]
    stopped: bool
    before: str
    applied: str
    now: float
    last: LastClick | None = None
    forecast: Forecast | None = None
    scenarios: tuple[Mapping[str, Any], ...] = ()
    session_given: str = ""

    def address(self, path: str = "/", **more: str) -> str:
        """An address of the control room, with what the address of this page has."""
        query = {
            "session": self.session_given,
            "hidden": "show" if self.caller.sees_hidden else "",
            **more,
        }
        found = urlencode({name: text for name, text in query.items() if text})
        return f"{path}?{found}" if found else path

    @cached_property
    def in_force(self) -> list[Row]:
        return in_force(self.all_rows, mine=self.scope == "mine")

    @property
    def rows(self) -> list[Listed]:
        """Those in force first, of these the private ones."""
        order = {"mine": 0, "class": 1, "other": 2}
        there = [row for row in self.all_rows if not row.replaced]
        there.sort(key=lambda row: (row.rests, order[row.whose], row.fault.id))
        return [Listed(row, self.now, self._applies(row)) for row in there]

    def _applies(self, row: Row) -> bool:
        """Whether no other fault replaces it, in either view for the viewer's own faults."""
        mine = self.scope == "mine" or row.whose == "mine"
        return row.whose == "other" or row in applicable(self.all_rows, mine=mine)

    @cached_property
    def marks(self) -> Mapping[Any, Mark]:
        return marks(row.fault for row in self.in_force)

    def mark(self, *target: str) -> Mark | None:
        """That of a box, by its name, or of a line, by its ends and its stream."""
        return self.marks.get(target if len(target) > 1 else target[0])

    @cached_property
    def sliders(self) -> Mapping[str, tuple[Slider, ...]]:
        session = self.caller.session if self.scope == "mine" else ""
        return sliders(self._for_sliders(), session)

    @cached_property
    def alone(self) -> bool:
        """Whether a fault replaces all others, as while a scenario runs."""
        rows = applicable(self.all_rows, mine=self.scope == "mine")
        return any(row.fault.instead_of == ALL for row in rows)

    def _for_sliders(self) -> list[Row]:
        rows = self.all_rows
        return [row for row in rows if row.fault.instead_of] if self.alone else list(rows)

    @property
    def may_change(self) -> bool:
        return bool(self.caller.session) if self.scope == "mine" else self.caller.is_presenter

    @property
    def stops(self) -> Literal["all", "mine"]:
        return "all" if self.caller.is_presenter else "mine"

    @property
    def headline(self) -> str:
        number, by_default = len(self.applied_in_force), len(self.defaults)
        whom = "you" if self.scope == "mine" else "everybody"
        if number:
            and_more = f", and {by_default} by default" if by_default else ""
            return f"{plural(number, 'active fault')} for {whom}{and_more}"
        if by_default:
            return f"{plural(by_default, 'default fault')}, and no others for {whom}"
        if any(scenario["runs"] for scenario in self.scenarios):
            return "A scenario is running: find out what is wrong"
        return f"No active faults for {whom}" if any(self._private) else "Calm: no active faults"

    @cached_property
    def applied_in_force(self) -> list[Row]:
        """Those of the faults applied here that a page of the shop counts, too."""
        return [row for row in self.in_force if row.live and not row.is_conditional]

    @cached_property
    def defaults(self) -> list[Row]:
        """The default faults that are in force."""
        return [row for row in self.in_force if not row.live]

    @property
    def can_put_back(self) -> bool:
        """Whether default faults rest since everything was stopped."""
        return self.stopped and any(not row.live for row in self.all_rows)

    @property
    def _private(self) -> tuple[int, int]:
        """How many more faults are for one session only: for yours, and for others."""
        rows = in_force(self.all_rows, mine=True) if self.scope == "class" else []
        others = sum(row.whose == "other" and row.in_force for row in self.all_rows)
        return sum(row.whose == "mine" for row in rows), others

    @property
    def note(self) -> str:
        text = STOPPED if self.stopped else NOTES.get(self.profile, "")
        if self.alone:
            text = "A scenario is running: all other faults rest, but those for one session."
        more = " more" if self.in_force else ""
        for number, session in zip(self._private, ("your", "another"), strict=True):
            if number:
                text += f" {number}{more} for {session} session only."
        if conditional := sum(row.is_conditional for row in self.in_force):
            text += f" {conditional}{more} for some requests only."
        return text.strip()

    @cached_property
    def places(self) -> Mapping[str, str]:
        return places()

    @cached_property
    def outside(self) -> Iterable[str]:
        return outside()
