"""One browser's clicks: which session they belong to, and how manieth each is."""

import re
from collections import OrderedDict
from dataclasses import dataclass, replace

from chaos.engine.values import SESSION_ID

WRITTEN = re.compile(rf"({SESSION_ID})\.([0-9]{{1,9}})")
PLAN = re.compile(r"[A-Za-z0-9._~-]{1,64}")
MOST = 10_000


@dataclass(frozen=True)
class Session:
    """`step` counts the clicks; `plan` names faults that this browser asked for."""

    id: str
    step: int = 0
    plan: str = ""

    @classmethod
    def read(cls, text: str, plan: str = "") -> "Session | None":
        """Out of the cookies; None when it is not one of ours."""
        found = WRITTEN.fullmatch(text)
        return cls(found[1], int(found[2]), plan_in(plan)) if found else None

    def written(self) -> str:
        """As it stands in the cookie."""
        return f"{self.id}.{self.step}"

    def restarted(self) -> "Session":
        """The same before its first step: from there on the same clicks meet the same faults."""
        return replace(self, step=0)


class Steps:
    """The last step of each session, for when an answer with a newer cookie never arrived: who
    opens the page again has clicked again.
    """

    def __init__(self) -> None:
        self._reached: OrderedDict[str, int] = OrderedDict()

    def now(self, session: Session) -> Session:
        """The session with the step that it is at."""
        reached = self._reached.get(session.id, 0) if session.step else 0
        return replace(session, step=max(session.step, reached))

    def next(self, session: Session) -> Session:
        """The session one step further; after a restart that is the first."""
        here = self.now(session)
        here = replace(here, step=here.step + 1)
        self._reached[here.id] = here.step
        self._reached.move_to_end(here.id)
        if len(self._reached) > MOST:
            self._reached.popitem(last=False)
        return here


def plan_in(text: str) -> str:
    """The name of a plan, if it is one."""
    return text if PLAN.fullmatch(text) else ""
