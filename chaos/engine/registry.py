"""Which faults a service has at the moment: active ones, by the places that look for them."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Final

from chaos.engine.effect import Behavior, Pool, RateLimit, Unready
from chaos.engine.gate import Gate
from chaos.engine.model import Fault, Match, Snapshot
from chaos.engine.values import Side
from shared.session import SESSION, USER

MOST_SESSIONS = 10_000
TOPOLOGY, ENVIRONMENT, LIVE = "topology", "environment", "live"

Whom = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OwnFault:
    """A fault that a service has by itself; `source` is "topology" for a default, or the variable
    that sets it, as in "environment AUTH_FAILURE_RATE".
    """

    fault: Fault
    source: str = TOPOLOGY

    @property
    def is_default(self) -> bool:
        return not self.source.startswith(ENVIRONMENT)


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


class ActiveFault:
    """One fault from when it comes until it is changed, removed, or its time is over. The source of
    those of the snapshot is "live".
    """

    def __init__(
        self, fault: Fault, source: str, tally: Tally, ends: float, clock: Callable[[], float]
    ) -> None:
        self.fault, self.source, self.tally, self.ends = fault, source, tally, ends
        self.began, self.session = clock(), fault.where.match.session
        self.kept: list[bytes] = []
        self._clock, self._changed = clock, asyncio.Event()
        limit = fault.effect
        self._bucket = Bucket(limit, clock()) if isinstance(limit, RateLimit) else None
        self.gate = Gate(limit.size) if isinstance(limit, Pool) else None

    def is_active(self) -> bool:
        return self._clock() < self.ends

    def left(self) -> float:
        """The seconds until it ends."""
        return self.ends - self._clock()

    def may_fire(self) -> bool:
        used_up = self.fault.max_hits is not None and self.tally.fired >= self.fault.max_hits
        return self.is_active() and not used_up

    def rate(self) -> float:
        return self.fault.rate_after(self._clock() - self.began)

    def moves_like(self, other: "ActiveFault") -> bool:
        """Whether the rate of both is the same, and changes alike."""
        mine, others = self.fault, other.fault
        return (mine.rate, mine.ramp) == (others.rate, others.ramp)

    def lets_pass(self) -> bool:
        """Whether its rate limit, if it is one, has not been reached by this request."""
        return self._bucket is not None and self._bucket.take(self._clock())

    def prolong(self, ends: float) -> None:
        """The same fault, with another end; whoever waits in it hears of it."""
        self.ends = ends
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        self.kept.clear()
        if self.gate is not None:
            self.gate.open()
        self.prolong(-inf)

    async def wait(self, seconds: float) -> bool:
        """Waits so long, but no longer than it is active; says whether it was to the end."""
        until = self._clock() + seconds
        while (left := min(until, self.ends) - self._clock()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()
        return until <= self.ends


Row = tuple[ActiveFault, ...]
NONE: Final[Row] = ()


class Registry:
    """The faults of one service: those it has by itself, `own`, which never end, and those of the
    last snapshot.

    Where nothing can fire, a side's row is empty, and that is all that a request has to look at.
    """

    server: Row
    client: Row
    store: Row
    stream: Row
    point: Row

    def __init__(
        self,
        own: Iterable[OwnFault] = (),
        service: str = "",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.own, self._service, self._clock = tuple(own), service, clock
        self._faults: dict[str, ActiveFault] = {}
        self.replace(Snapshot())

    def replace(self, snapshot: Snapshot) -> None:
        """Has these faults and no others from now on. What waits in one that is gone or changed
        goes on at once; one that stays goes on counting.
        """
        before, self._faults = self._faults, {}
        for own, ends in self._wanted(snapshot):
            self._faults[own.fault.id] = self._continued(before.pop(own.fault.id, None), own, ends)
        for gone in before.values():
            gone.end()
        self.revision = snapshot.revision
        self._put_in_rows()

    def _wanted(self, snapshot: Snapshot) -> Iterator[tuple[OwnFault, float]]:
        named = {fault.id for fault in snapshot.faults}
        for own in self.own:
            rests = snapshot.calm == "all" or (snapshot.calm == "defaults" and own.is_default)
            if own.fault.id not in named and not rests:
                yield own, inf
        now = self._clock()
        yield from ((OwnFault(fault, LIVE), now + fault.ttl) for fault in snapshot.faults)

    def _continued(self, was: ActiveFault | None, now: OwnFault, ends: float) -> ActiveFault:
        if was is None:
            return ActiveFault(now.fault, now.source, Tally(), ends, self._clock)
        if was.fault.model_copy(update={"ttl": now.fault.ttl}) == now.fault:
            was.source = now.source
            was.prolong(ends)
            return was
        was.end()
        changed = ActiveFault(now.fault, now.source, was.tally, ends, self._clock)
        if changed.moves_like(was):
            changed.began = was.began
        return changed

    def _put_in_rows(self) -> None:
        every = sorted(self._faults.values(), key=lambda one: one.fault.precedence)
        here = [one for one in every if one.fault.where.service in (None, self._service)]
        able = [one for one in here if one.fault.can_fire]
        self.server, self.client = row_of(able, "server"), row_of(able, "client")
        self.store, self.stream = row_of(able, "store"), row_of(able, "stream")
        self.point = row_of(able, "point")
        self.behaviors: dict[str, Row] = {}
        self.pools: dict[Side, Row] = {}
        for one in able:
            effect, side = one.fault.effect, one.fault.where.side
            if isinstance(effect, Behavior):
                self.behaviors[effect.name] = (*self.behaviors.get(effect.name, NONE), one)
            elif isinstance(effect, Pool):
                self.pools[side] = (*self.pools.get(side, NONE), one)
        self.replacing = tuple(one for one in here if one.fault.instead_of is not None)
        # Of all services: what is aimed at somebody comes back to the caller, too.
        aimed = (one for one in every if one.fault.where.is_aimed)
        self.aimed = tuple((one, whom(one.fault.where.match)) for one in aimed)

    @property
    def tallies(self) -> dict[str, Tally]:
        """How often each fault matched and fired, by its id."""
        return {id_: fault.tally for id_, fault in self._faults.items()}

    def active(self) -> list[ActiveFault]:
        """All that are active, also those meant for other services."""
        return [fault for fault in self._faults.values() if fault.is_active()]

    def leaked(self) -> int:
        """The bytes that all leaks keep together."""
        return sum(len(kept) for fault in self._faults.values() for kept in fault.kept)

    def is_unready(self) -> bool:
        return any(isinstance(a.fault.effect, Unready) and a.is_active() for a in self.server)


def row_of(able: Iterable[ActiveFault], side: Side) -> Row:
    """Those of that side, but for those that are looked for by themselves."""
    return tuple(
        one
        for one in able
        if one.fault.where.side == side and not isinstance(one.fault.effect, Behavior | Pool)
    )


def whom(match: Match) -> Whom:
    """What the baggage says of those whom it is about."""
    named = {SESSION: match.session, USER: match.user}
    wanted = match.baggage | {name: value for name, value in named.items() if value is not None}
    return tuple(sorted(wanted.items()))
