"""Decides whether faults strike here and now."""

import dataclasses
from contextlib import AbstractAsyncContextManager
from time import time
from typing import Any, Literal

from opentelemetry.trace import get_current_span

from chaos.engine import journey
from chaos.engine.active import Active
from chaos.engine.aim import key_of, matches, not_replaced, theirs
from chaos.engine.delay import Latency
from chaos.engine.draw import draw
from chaos.engine.effect import TERMINAL, BehaviorName, Drip, Hang, Pool
from chaos.engine.journey import Journey
from chaos.engine.ledger import hit_of
from chaos.engine.model import Fault
from chaos.engine.occasion import Occasion
from chaos.engine.pool import Turns
from chaos.engine.present import Present
from chaos.engine.privacy import key_of_whom
from chaos.engine.room import Room
from chaos.engine.rows import NONE, Row
from chaos.engine.strike import Blow, Strike
from shared.http.policy import NO_WAIT

MOST_WAITING = 200
CAN_WAIT = (Latency, Hang, Drip, Pool)


class Faults(Present):
    """The faults of one service, and what they do to it."""

    def share_key(self) -> str:
        """A key of whom faults are aimed at, "" if that is not who asks here: all that requests
        share has it in its own key, so that a failure meant for one person stays theirs.
        """
        return key_of_whom(self._aimed) if self._aimed else ""

    def behaves(self, name: BehaviorName, **values: Any) -> bool:
        """Whether the code goes the way called `name`; `values` are what faults can be aimed at."""
        if not self.behaviors:
            return False
        row = self.behaviors.get(name, NONE)
        strike = self.decide(row, Occasion("point", name, values=values)) if row else None
        if strike is None:
            return False
        strike.mark(get_current_span())
        return True

    def pool(
        self, side: Literal["store", "client"], place: str, peer: str = ""
    ) -> AbstractAsyncContextManager[None]:
        """Around an operation or call and its span: waits while the pools there have no room."""
        if not self.pools or not (row := self.pools.get(side)):
            return NO_WAIT
        # A count of its own: a pool must not change whom the other faults there strike.
        whose = journey.current()
        hop = whose.next_hop(f"{side} pool", place) if whose else ""
        strike = self.decide(row, Occasion(side, place, peer, hop=hop))
        return NO_WAIT if strike is None else Turns(strike, self.enter)

    def decide(self, row: Row, occasion: Occasion) -> Strike | None:
        """What strikes there: each fault draws by itself, and at most one ends the work."""
        whose = journey.current()
        if whose is not None and not occasion.hop:
            hop = whose.next_hop(occasion.side, occasion.place)
            occasion = dataclasses.replace(occasion, hop=hop)
        blows: list[Blow] = []
        ended = False
        meant = theirs(row)
        for active in not_replaced(meant, self._instead, occasion) if self._instead else meant:
            ends = isinstance(active.fault.effect, TERMINAL)
            blow = self._blow(active, occasion, whose, taken=ended and ends)
            if blow is not None:
                ended = ended or ends
                blows.append(blow)
        return Strike(tuple(blows)) if blows else None

    def _blow(
        self, active: Active, occasion: Occasion, whose: Journey | None, taken: bool
    ) -> Blow | None:
        """The blow of this fault, if it matches and fires; it counts when it matches."""
        fault = active.fault
        if not (active.may_fire() and matches(fault, occasion)):
            return None
        n = active.tally.count(whose.session if whose else "")
        key = key_of(fault, occasion, whose, n)
        drawn = rate = None
        if fault.hits is None:
            drawn, rate = draw(self.seed, "fire", fault.id, *key), active.rate()
            fires = drawn < rate
        else:
            fires = fault.is_hit(n + 1)
        fires = fires and not (taken or active.lets_pass() or self._overflows(fault))
        delay = self._delay(fault, key) if fires else 0.0
        active.tally.fired += fires
        if fires or whose is not None:
            outcome = {"delay": delay, "fired": fires, "draw": drawn, "rate": rate, "at": time()}
            self.ledger.note(hit_of(fault, occasion, whose, self.revision, **outcome))
        return Blow(active, delay) if fires else None

    def _delay(self, fault: Fault, key: tuple[object, ...]) -> float:
        if not isinstance(fault.effect, Latency):
            return 0.0
        return fault.effect.seconds(draw(self.seed, "size", fault.id, *key))

    def _overflows(self, fault: Fault) -> bool:
        """Whether too many wait already for another one to."""
        if self.waiting < MOST_WAITING or not isinstance(fault.effect, CAN_WAIT):
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

    async def enter(self, active: Active, room: Room) -> bool:
        """Enters the room of a pool; tells whether that took waiting."""
        self.waiting += 1
        try:
            return await room.enter(active.left)
        finally:
            self.waiting -= 1
