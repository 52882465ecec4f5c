"""A slider, and a line in the list of faults, as they are written into the page."""

import json
from dataclasses import dataclass

from chaos.control_plane.domain import panel_words as words
from chaos.control_plane.domain.panel_knobs import STOPS, Knob
from chaos.control_plane.domain.panel_rows import Row
from chaos.control_plane.domain.staging import SOURCE
from chaos.engine.model import ALL


@dataclass(frozen=True)
class Turned:
    """A slider as the page has it: the fault that it puts is JSON."""

    knob: Knob

    @property
    def json(self) -> str:
        return json.dumps(self.knob.fault.model_dump(mode="json", exclude_none=True))

    @property
    def most(self) -> int:
        return 100 if self.knob.kind == "errors" else len(STOPS) - 1


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
