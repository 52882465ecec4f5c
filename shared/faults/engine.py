"""Decides whether faults strike here and now."""

import dataclasses
import os
from collections.abc import Callable, Iterable
from math import inf
from time import monotonic

from shared.faults import journey
from shared.faults.active import Active, Tally
from shared.faults.aim import key_of, matches, precedence
from shared.faults.delay import Latency
from shared.faults.draw import draw
from shared.faults.effect import TERMINAL, Drip, Hang, Unready
from shared.faults.journey import Journey
from shared.faults.ledger import Ledger, hit_of
from shared.faults.model import Fault, Snapshot
from shared.faults.occasion import Occasion
from shared.faults.strike import Blow, Strike
from shared.faults.values import Side

MOST_WAITING = 200
Row = tuple[Active, ...]


class Faults:
    """The faults of one service: those it has by itself, `own`, which never end, and those of the
    last snapshot.

    Where nothing can strike, a side's row is empty, and that is all that a request has to ask.
    """

    def __init__(
        self,
        own: Iterable[Fault] = (),
        seed: int = 0,
        *,
        service: str = "",
        clock: Callable[[], float] = monotonic,
        die: Callable[[int], None] = os._exit,
    ) -> None:
        self.seed, self.service, self.die = seed, service, die
        self._own, self._clock = tuple(own), clock
        self._active: dict[str, Active] = {}
        self.ledger = Ledger()
        self.revision, self.hidden = 0, False
        self.waiting = self.overflow = 0
        self.replace(Snapshot())

    def replace(self, snapshot: Snapshot) -> None:
        """Has these faults and no others from now on. What waits in one that is gone or changed
        goes on at once; one that stays goes on counting.
        """
        before, self._active = self._active, {}
        for fault, ends in self._wanted(snapshot):
            self._active[fault.id] = self._continued(before.pop(fault.id, None), fault, ends)
        for gone in before.values():
            gone.end()
        self.revision, self.hidden = snapshot.revision, snapshot.hidden
        self.server, self.client = self._row("server"), self._row("client")
        self.store, self.stream = self._row("store"), self._row("stream")
        self.points = self._row("point")

    def _wanted(self, snapshot: Snapshot) -> Iterable[tuple[Fault, float]]:
        named = {fault.id for fault in snapshot.faults}
        own = () if snapshot.calm else self._own
        yield from ((fault, inf) for fault in own if fault.id not in named)
        now = self._clock()
        yield from ((fault, now + fault.ttl) for fault in snapshot.faults)

    def _continued(self, was: Active | None, fault: Fault, ends: float) -> Active:
        if was is None:
            return Active(fault, Tally(self._clock()), ends, self._clock)
        if was.fault.model_copy(update={"ttl": fault.ttl}) == fault:
            was.prolong(ends)
            return was
        was.end()
        return Active(fault, was.tally, ends, self._clock)

    def _row(self, side: Side) -> Row:
        """Those that can strike there: the greatest priority first, then the narrowest."""
        here = [
            active
            for active in self._active.values()
            if active.fault.where.side == side
            and active.fault.where.service in (None, self.service)
            and (active.fault.rate > 0 or active.fault.ramp is not None)
        ]
        return tuple(sorted(here, key=precedence))

    @property
    def tallies(self) -> dict[str, Tally]:
        """How often each fault matched and fired, by its id."""
        return {id_: active.tally for id_, active in self._active.items()}

    def is_unready(self) -> bool:
        return any(isinstance(a.fault.effect, Unready) and a.is_there() for a in self.server)

    def decide(self, row: Row, occasion: Occasion) -> Strike | None:
        """What strikes there: each fault draws by itself, and at most one ends the work."""
        whose = journey.current()
        if whose is not None and not occasion.hop:
            hop = whose.next_hop(occasion.side, occasion.place)
            occasion = dataclasses.replace(occasion, hop=hop)
        blows: list[Blow] = []
        ended = False
        for active in row:
            ends = isinstance(active.fault.effect, TERMINAL)
            blow = self._blow(active, occasion, whose, taken=ended and ends)
            if blow is not None:
                ended = ended or ends
                blows.append(blow)
                self.ledger.note(hit_of(blow, occasion, whose, self.revision))
        return Strike(tuple(blows), self.hidden) if blows else None

    def _blow(
        self, active: Active, occasion: Occasion, whose: Journey | None, taken: bool
    ) -> Blow | None:
        """The blow of this fault, if it matches and fires; it counts when it matches."""
        fault = active.fault
        if not (active.may_fire() and matches(fault, occasion)):
            return None
        n = active.tally.count(whose.session if whose else "")
        key = key_of(fault, occasion, whose, n)
        if fault.hits is not None:
            fires = fault.is_hit(n + 1)
        else:
            fires = draw(self.seed, "fire", fault.id, *key) < active.rate()
        if not fires or taken or active.lets_pass() or self._overflows(fault):
            return None
        active.tally.fired += 1
        if not isinstance(fault.effect, Latency):
            return Blow(active)
        return Blow(active, fault.effect.seconds(draw(self.seed, "size", fault.id, *key)))

    def _overflows(self, fault: Fault) -> bool:
        """Whether too many wait already for another one to."""
        if self.waiting < MOST_WAITING or not isinstance(fault.effect, Latency | Hang | Drip):
            return False
        self.overflow += 1
        return True

    async def wait(self, active: Active, seconds: float) -> bool:
        """Waits in that fault; tells whether to the end."""
        self.waiting += 1
        try:
            return await active.wait(seconds)
        finally:
            self.waiting -= 1
