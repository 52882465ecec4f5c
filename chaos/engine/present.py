"""Which faults a service has at the moment."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from time import monotonic

from chaos.engine.active import Active, Tally
from chaos.engine.effect import Unready
from chaos.engine.ledger import Ledger
from chaos.engine.model import Snapshot
from chaos.engine.privacy import whom
from chaos.engine.rows import Rows
from chaos.engine.standing import LIVE, Own, Standing
from shared.hooks import Notice


class Present:
    """The faults of one service: those it has by itself, `own`, which never end, and those of the
    last snapshot.

    Where nothing can strike, a side's row is empty, and that is all that a request has to ask.
    """

    def __init__(
        self,
        own: Iterable[Own] = (),
        seed: int = 0,
        *,
        service: str = "",
        clock: Callable[[], float] = monotonic,
        die: Callable[[int], None] = os._exit,
    ) -> None:
        self.seed, self.service, self.die = seed, service, die
        self.own, self._clock = tuple(own), clock
        self._active: dict[str, Active] = {}
        self.ledger = Ledger()
        self.waiting = self.overflow = 0
        self.replace(Snapshot())

    def replace(self, snapshot: Snapshot) -> None:
        """Has these faults and no others from now on. What waits in one that is gone or changed
        goes on at once; one that stays goes on counting.
        """
        before, self._active = self._active, {}
        for own, ends in self._wanted(snapshot):
            self._active[own.fault.id] = self._continued(before.pop(own.fault.id, None), own, ends)
        for gone in before.values():
            gone.end()
        self.revision = snapshot.revision
        rows = Rows(self._active.values(), self.service)
        self.server, self.client, self.store = rows.server, rows.client, rows.store
        self.stream, self.points = rows.stream, rows.points
        self.behaviors, self.pools = rows.behaviors, rows.pools
        self._instead, self._aimed = rows.instead, rows.aimed

    def _wanted(self, snapshot: Snapshot) -> Iterator[tuple[Own, float]]:
        named = {fault.id for fault in snapshot.faults}
        for own in self.own:
            rests = snapshot.calm == "all" or (snapshot.calm == "defaults" and own.is_default)
            if own.fault.id not in named and not rests:
                yield own, inf
        now = self._clock()
        yield from ((Own(fault, LIVE), now + fault.ttl) for fault in snapshot.faults)

    def _continued(self, was: Active | None, now: Own, ends: float) -> Active:
        if was is None:
            return Active(now.fault, now.source, Tally(), ends, self._clock)
        if was.fault.model_copy(update={"ttl": now.fault.ttl}) == now.fault:
            was.source = now.source
            was.prolong(ends)
            return was
        was.end()
        changed = Active(now.fault, now.source, was.tally, ends, self._clock)
        if changed.moves_like(was):
            changed.began = was.began
        return changed

    @property
    def tallies(self) -> dict[str, Tally]:
        """How often each fault matched and fired, by its id."""
        return {id_: active.tally for id_, active in self._active.items()}

    def standing(self) -> list[Standing]:
        """All the faults that are there, also those meant for other services."""
        return [active.standing() for active in self._active.values() if active.is_there()]

    def notice(self, said: Mapping[str, str]) -> Notice | None:
        """What a page says to whoever has this baggage: what is hidden is never said, nor what a
        service has by itself.
        """
        shown = [one for one in self._active.values() if one.is_there() and is_shown(one, said)]
        return Notice(len(shown), int(max(one.left() for one in shown))) if shown else None

    def leaked(self) -> int:
        """The bytes that all leaks keep together."""
        return sum(len(kept) for active in self._active.values() for kept in active.kept)

    def is_unready(self) -> bool:
        return any(isinstance(a.fault.effect, Unready) and a.is_there() for a in self.server)


def is_shown(active: Active, said: Mapping[str, str]) -> bool:
    """Whether a page says that it is there, to whoever has this baggage."""
    fault = active.fault
    can_fire = fault.rate > 0 or fault.ramp is not None
    meant = all(said.get(name) == value for name, value in whom(fault.where.match))
    return (
        active.source == LIVE
        and can_fire
        and meant
        and not (fault.hidden or fault.where.match.header)
    )
