"""The faults that are there, as the control room looks at them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

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
