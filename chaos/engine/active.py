"""A fault that is there: when it ends, how often it matched and fired, and who waits in it."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf

from chaos.engine.effect import Pool, RateLimit
from chaos.engine.model import Fault
from chaos.engine.room import Room
from chaos.engine.standing import Standing

MOST_SESSIONS = 10_000


@dataclass
class Tally:
    """What is counted of a fault for as long as its id is there, whatever else of it changes."""

    matched: int = 0
    fired: int = 0
    by_session: OrderedDict[str, int] = field(default_factory=OrderedDict)

    def count(self, session: str) -> int:
        """How often it matched in this session before; all requests of nobody's are one."""
        self.matched += 1
        before = self.by_session.pop(session, 0)
        self.by_session[session] = before + 1
        if len(self.by_session) > MOST_SESSIONS:
            self.by_session.popitem(last=False)
        return before


class Bucket:
    """Tokens of a rate limit, which come back evenly."""

    def __init__(self, limit: RateLimit, now: float) -> None:
        self._limit, self._tokens, self._at = limit, float(limit.burst), now

    def take(self, now: float) -> bool:
        """Whether there was one left."""
        gained = (now - self._at) * self._limit.per_second
        self._tokens, self._at = min(self._limit.burst, self._tokens + gained), now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Active:
    """One fault from when it comes until it is changed, removed, or its time is over."""

    def __init__(
        self, fault: Fault, source: str, tally: Tally, ends: float, clock: Callable[[], float]
    ) -> None:
        self.fault, self.source, self.tally, self.ends = fault, source, tally, ends
        self.began, self.session = clock(), fault.where.match.session
        self.kept: list[bytes] = []
        self._clock, self._changed = clock, asyncio.Event()
        limit = fault.effect
        self._bucket = Bucket(limit, clock()) if isinstance(limit, RateLimit) else None
        self.room = Room(limit.size) if isinstance(limit, Pool) else None

    def is_there(self) -> bool:
        return self._clock() < self.ends

    def left(self) -> float:
        """The seconds until it ends."""
        return self.ends - self._clock()

    def standing(self) -> Standing:
        return Standing(self.fault, self.source, None if self.ends == inf else self.left())

    def may_fire(self) -> bool:
        used_up = self.fault.max_hits is not None and self.tally.fired >= self.fault.max_hits
        return self.is_there() and not used_up

    def rate(self) -> float:
        return self.fault.rate_after(self._clock() - self.began)

    def moves_like(self, other: "Active") -> bool:
        """Whether the rate of both is the same, and changes alike."""
        mine, others = self.fault, other.fault
        return (mine.rate, mine.ramp) == (others.rate, others.ramp)

    def lets_pass(self) -> bool:
        """Whether its rate limit, if it is one, still has room for this request."""
        return self._bucket is not None and self._bucket.take(self._clock())

    def prolong(self, ends: float) -> None:
        """The same fault, with another end; whoever waits in it hears of it."""
        self.ends = ends
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        self.kept.clear()
        if self.room is not None:
            self.room.open()
        self.prolong(-inf)

    async def wait(self, seconds: float) -> bool:
        """Waits so long, but no longer than the fault is there; tells whether it was to the end."""
        until = self._clock() + seconds
        while (left := min(until, self.ends) - self._clock()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return until <= self.ends
