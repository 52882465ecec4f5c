"""A fault that was put through the control plane: by whom, why, for whom, until when."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from chaos.engine.model import Fault

Scope = Literal["class", "session", "plan"]
LIVE, FILE = "live", "file"
LONGEST = 4 * 3600.0


@dataclass(frozen=True)
class Entry:
    """`source` is "live", "scenario:<run id>", "profile:<name>", "plan:<token>" or "file"; moments
    are unix seconds, `ends` is infinite for one of a profile.
    """

    fault: Fault
    source: str = LIVE
    scope: Scope = "class"
    owner: str = ""
    reason: str = ""
    since: float = 0.0
    ends: float = inf

    @property
    def id(self) -> str:
        return self.fault.id

    @property
    def is_given(self) -> bool:
        """Whether it is of what the shop was started with, rather than somebody's wish."""
        return self.source == FILE or self.source.startswith("profile:")

    def left(self, now: float) -> float | None:
        """The seconds that are left of it; None when it does not end."""
        return None if self.ends == inf else max(self.ends - now, 0.0)

    def to_send(self, now: float) -> Fault:
        """The fault as a process is told of it: its `ttl` is what is left. One that does not end
        is told of again before that is over.
        """
        return self.fault.model_copy(update={"ttl": min(self.ends - now, LONGEST)})
