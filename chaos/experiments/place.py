"""The shop that is experimented with, as an experiment's configuration names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acme.launcher import environment
from acme.launcher.state import RunFolder, State
from chaos.measures import NoShop, Shop

RUN, SEED = "run", "seed"
Configuration = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Its run folder, its addresses, and the seed of whoever visits it."""

    run: RunFolder
    shop: Shop
    seed: int

    @classmethod
    def of(cls, configuration: Configuration | None) -> "Place":
        """The one whose run folder is `run`, if it runs, or else the one that settings tell of."""
        told = configuration or {}
        run = Path(told.get(RUN) or environment.ROOT / ".acme")
        return cls(RunFolder(run), Shop.find(run), int(told.get(SEED) or 42))

    @property
    def state(self) -> State:
        """Its processes. Raises NoShop where `acme up` did not start it here."""
        state = self.run.running()
        if state is None:
            raise NoShop(f"nothing runs from {self.run.path}, so nothing there can be killed")
        return state
