"""The faults as the control room lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.domain.scenario.run import SOURCE
from chaos.control_plane.views import wording
from chaos.engine.model import ALL, Fault

Whose = Literal["class", "mine", "other"]


@dataclass(frozen=True)
class Row:
    """One fault with all that is known about it. `whose` says whether it is for everybody, the
    viewer, or somebody else; `left` is in seconds, None without an end. `live` ones were applied
    here, the others are default faults. One that `rests` or is `replaced` is not in force.
    """

    fault: Fault
    source: str
    whose: Whose
    live: bool
    owner: str = ""
    why: str = ""
    left: float | None = None
    matched: int = 0
    fired: int = 0
    applied: str = ""
    warning: str = ""
    rests: bool = False
    replaced: bool = False
    changeable: bool = False

    @property
    def in_force(self) -> bool:
        """Whether it can fire at all."""
        return self.fault.can_fire and not (self.rests or self.replaced)

    @property
    def is_conditional(self) -> bool:
        """Whether it is for some requests of everybody only, as those of one user."""
        match = self.fault.where.match
        return bool(self.whose == "class" and (match.header or match.user or match.baggage))


def applicable(rows: Iterable[Row], *, mine: bool) -> list[Row]:
    """The faults for the viewer, or with `mine` false for somebody without faults of their own; one
    that replaces another one takes it away, even when it does nothing itself.
    """
    candidates = [row for row in rows if row.whose == "class" or (mine and row.whose == "mine")]
    replaced = {row.fault.instead_of for row in candidates if not row.is_conditional} - {None}
    return [row for row in candidates if not row.fault.rests_for(replaced)]


def in_force(rows: Iterable[Row], *, mine: bool) -> list[Row]:
    """Those of them that can fire."""
    return [row for row in applicable(rows, mine=mine) if row.in_force]


@dataclass(frozen=True)
class Listed:
    """A fault as the list shows it; `ends` is in unix seconds, None without an end. `applies` says
    whether no other fault replaces it.
    """

    row: Row
    now: float
    applies: bool = True

    @property
    def tone(self) -> str:
        return wording.tone(self.row.fault) if self.row.in_force and self.applies else "idle"

    @property
    def name(self) -> str:
        """Its id, without the session, which is shown beside it."""
        return self.row.fault.id.removesuffix(f"-{self.row.fault.where.match.session}")

    @property
    def does(self) -> str:
        if self.row.fault.instead_of == ALL and not self.row.in_force:
            return "all others rest"
        return " ".join(filter(None, (wording.often(self.row.fault), wording.does(self.row.fault))))

    @property
    def place(self) -> str:
        return wording.place(self.row.fault)

    @property
    def condition(self) -> str:
        return wording.condition(self.row.fault)

    @property
    def left(self) -> str:
        return wording.countdown(self.row.left)

    @property
    def ends(self) -> float | None:
        return None if self.row.left is None else round(self.now + self.row.left, 1)

    @property
    def can_be_extended(self) -> bool:
        """Whether its end can be put off: the faults of a scenario end with its run."""
        of_run = self.row.source.startswith(SOURCE)
        return self.ends is not None and self.row.changeable and not of_run

    @property
    def audience(self) -> str:
        if self.row.whose == "other":
            return f"only {self.row.fault.where.match.session or self.row.owner}"
        return "only your session" if self.row.whose == "mine" else "everybody"

    @property
    def origin(self) -> str:
        source = self.row.source
        if source == "topology":
            return "by default"
        if source.startswith(SOURCE):
            return "a scenario"
        return f"by a {self.row.owner.partition(' ')[0]}" if source == "live" else source
