"""Faults with where they come from, for whoever tells of them."""

from dataclasses import dataclass

from chaos.engine.model import Fault

TOPOLOGY, ENVIRONMENT, LIVE = "topology", "environment", "live"


@dataclass(frozen=True)
class Own:
    """A fault that a service has by itself; `source` is "topology", or the variable that asked for
    it, as in "environment AUTH_FAILURE_RATE".
    """

    fault: Fault
    source: str = TOPOLOGY

    @property
    def is_default(self) -> bool:
        return not self.source.startswith(ENVIRONMENT)


@dataclass(frozen=True)
class Standing:
    """A fault that is there; `left` is for how many seconds yet, None for good. The source of those
    of the snapshot is "live".
    """

    fault: Fault
    source: str
    left: float | None = None
