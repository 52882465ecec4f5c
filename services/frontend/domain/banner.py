"""What is said on every page while faults are there for whoever looks at it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos.engine.model import Fault
from chaos.engine.standing import LIVE, Standing

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True)
class Banner:
    """How many faults there are, and for how many seconds yet at most; None: until they are
    changed.
    """

    number: int
    left: int | None = None

    @property
    def ends(self) -> str:
        """The time that is left, as a clock shows it; empty when nobody knows."""
        if self.left is None:
            return ""
        hours, rest = divmod(self.left, HOUR)
        minutes, seconds = divmod(rest, MINUTE)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def banner(standing: Iterable[Standing], said: Mapping[str, str]) -> Banner | None:
    """For whom the baggage `said` is about; None when there is nothing to tell. What is hidden is
    never told.
    """
    there = [one for one in standing if one.source == LIVE and is_told(one.fault, said)]
    if not there:
        return None
    lefts = [one.left for one in there if one.left is not None]
    return Banner(len(there), int(max(lefts)) if len(lefts) == len(there) else None)


def is_told(fault: Fault, said: Mapping[str, str]) -> bool:
    """Whether it is there for all to see, and may strike whom the baggage is about."""
    match = fault.where.match
    wanted = {**match.baggage}
    if match.session is not None:
        wanted["session.id"] = match.session
    if match.user is not None:
        wanted["user.id"] = match.user
    strikes = fault.rate > 0 or fault.ramp is not None
    meant = all(said.get(name) == value for name, value in wanted.items())
    return strikes and meant and not (fault.hidden or match.header)
