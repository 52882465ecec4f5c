"""A fault as a row of the control room's list, and a slider as the page has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.domain.scenario.run import SOURCE
from chaos.control_plane.views import wording as words
from chaos.engine.model import ALL, Fault

Whose = Literal["class", "mine", "other"]


@dataclass(frozen=True)
class Row:
    """One fault with all that is known about it. `whose` says whether it strikes everybody, the one
    who looks, or somebody else; `left` is in seconds, None when it stays for good. `live` ones came
    through the control plane, the others a service has by itself. One that `rests` or is `replaced`
    strikes nobody.
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
    rests: bool = False
    replaced: bool = False
    changeable: bool = False

    @property
    def strikes(self) -> bool:
        """Whether it can strike anybody at all."""
        idle = self.fault.rate == 0 and self.fault.ramp is None
        return not (self.rests or self.replaced or idle)


def meant(rows: Iterable[Row], *, mine: bool) -> list[Row]:
    """Those meant for the one who looks, or with `mine` false for whoever has no faults of their
    own; what is put in place of another one takes it away, even when it does nothing itself.
    """
    there = [row for row in rows if row.whose == "class" or (mine and row.whose == "mine")]
    instead = {row.fault.instead_of for row in there} - {None}
    return [row for row in there if row.fault.instead_of or not instead & {row.fault.id, ALL}]


def seen(rows: Iterable[Row], *, mine: bool) -> list[Row]:
    """Those of them that strike."""
    return [row for row in meant(rows, mine=mine) if row.strikes]


@dataclass(frozen=True)
class Listed:
    """A fault as it stands in the list; `ends` is in unix seconds, None for one that stays."""

    row: Row
    now: float
    meant: bool = True

    @property
    def tone(self) -> str:
        return words.tone(self.row.fault) if self.row.strikes and self.meant else "idle"

    @property
    def name(self) -> str:
        """Its id, without the session that is told beside it."""
        return self.row.fault.id.removesuffix(f"-{self.row.fault.where.match.session}")

    @property
    def does(self) -> str:
        if self.row.fault.instead_of == ALL and not self.row.strikes:
            return "all others rest"
        return " ".join(filter(None, (words.often(self.row.fault), words.does(self.row.fault))))

    @property
    def place(self) -> str:
        return words.place(self.row.fault)

    @property
    def whom(self) -> str:
        return words.whom(self.row.fault)

    @property
    def left(self) -> str:
        return words.countdown(self.row.left)

    @property
    def ends(self) -> float | None:
        return None if self.row.left is None else round(self.now + self.row.left, 1)

    @property
    def can_last_longer(self) -> bool:
        """Whether its own end can be put off: faults of a scenario end with its run."""
        of_run = self.row.source.startswith(SOURCE)
        return self.ends is not None and self.row.changeable and not of_run

    @property
    def for_whom(self) -> str:
        if self.row.whose == "other":
            return f"only {self.row.fault.where.match.session or self.row.owner}"
        return "only me" if self.row.whose == "mine" else "everybody"

    @property
    def from_where(self) -> str:
        source = self.row.source
        if source == "topology":
            return "by default"
        if source.startswith(SOURCE):
            return "a scenario"
        return f"by a {self.row.owner.partition(' ')[0]}" if source == "live" else source
