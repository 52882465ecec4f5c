"""Decides whether faults fire at an injection point, and keeps a ledger of what it decided."""

import asyncio
import dataclasses
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic, time
from typing import Any, Literal

from opentelemetry import baggage
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from chaos.engine.effect import TERMINAL, BehaviorName, Drip, Hang, Latency, Pool
from chaos.engine.gate import Gate
from chaos.engine.injection import InjectedFault, Injection
from chaos.engine.injection_point import CallPath, InjectionPoint, current
from chaos.engine.model import ALL, Fault, Snapshot
from chaos.engine.pool import PoolSlots
from chaos.engine.registry import LIVE, NONE, ActiveFault, OwnFault, Registry, Row, whom
from shared.hooks import Notice
from shared.http.policy import NO_WAIT
from shared.session import SESSION

MOST_HITS = 10_000
MOST_WAITING = 200
CAN_WAIT = (Latency, Hang, Drip, Pool)


@dataclass(frozen=True)
class Hit:
    """One fault fired, or, where it did not, could have: which and where, in whose request, and in
    which span. Ids are as in W3C headers, empty where nothing is traced; `delay` is in seconds,
    `at` in those of Unix. What is not drawn has no `draw` and no `rate`.
    """

    fault: str
    type: str
    place: str
    revision: int
    trace_id: str
    span_id: str
    session: str = ""
    step: str = ""
    hop: str = ""
    attempt: int = 0
    delay: float = 0.0
    fired: bool = True
    draw: float | None = None
    rate: float | None = None
    at: float = 0.0


class Ledger:
    """What the faults did, also where the spans must not say so: the last hits, `most` of them,
    and with them, for who has a session, what could have been one; `number` counts all there ever
    were.
    """

    def __init__(self, most: int = MOST_HITS) -> None:
        self._hits: deque[Hit] = deque(maxlen=most)
        self.number = 0

    def note(self, hit: Hit) -> None:
        self._hits.append(hit)
        self.number += 1

    def after(self, number: int = 0) -> list[Hit]:
        """The hits since there were `number`, as far as they are still known."""
        fresh = self.number - number
        return list(self._hits)[-fresh:] if fresh > 0 else []

    def __iter__(self) -> Iterator[Hit]:
        return iter(tuple(self._hits))

    def __len__(self) -> int:
        return len(self._hits)


class FaultEngine:
    """Of one service: its faults are in the `registry`, what they did in the `ledger`; `routes` are
    the methods and templates at which one may be injected, as in "GET /order/{order_id}".
    `activity` is set by whatever is to be reported.
    """

    def __init__(
        self,
        own: Iterable[OwnFault] = (),
        seed: int = 0,
        *,
        service: str = "",
        clock: Callable[[], float] = monotonic,
        die: Callable[[int], None] = os._exit,
    ) -> None:
        self.registry, self.ledger = Registry(own, service, clock), Ledger()
        self.seed, self.die = seed, die
        self.waiting = self.overflow = 0
        self.routes: set[str] = set()
        self.activity = asyncio.Event()

    def replace(self, snapshot: Snapshot) -> None:
        """Has these faults and no others from now on."""
        self.registry.replace(snapshot)
        self.activity.set()

    def decide(self, point: InjectionPoint, row: Row | None = None) -> Injection | None:
        """What is injected there, of the side's faults or of the `row`: each fault draws by itself,
        and at most one ends the work.
        """
        path = current()
        if path is not None and not point.hop:
            hop = path.next_hop(point.side, point.place)
            point = dataclasses.replace(point, hop=hop)
        candidates = meant(getattr(self.registry, point.side) if row is None else row)
        if self.registry.replacing:
            candidates = not_replaced(candidates, self.registry.replacing, point)
        injected: list[InjectedFault] = []
        ended = False
        for active in candidates:
            if not (active.may_fire() and matches(active.fault, point)):
                continue
            ends = isinstance(active.fault.effect, TERMINAL)
            found = self._drawn(active, point, path, taken=ended and ends)
            if found is not None:
                ended = ended or ends
                injected.append(found)
        return Injection(tuple(injected)) if injected else None

    def _drawn(
        self, active: ActiveFault, point: InjectionPoint, path: CallPath | None, taken: bool
    ) -> InjectedFault | None:
        """The fault, which matches, if it fires; unless it is `taken` by one that ends the work."""
        fault = active.fault
        n = active.tally.count(path.session if path else "")
        self.activity.set()
        key = key_of(fault, point, path, n)
        drawn = rate = None
        if fault.hits is None:
            drawn, rate = draw(self.seed, "fire", fault.id, *key), active.rate()
            fires = drawn < rate
        else:
            fires = fault.is_hit(n + 1)
        fires = fires and not (taken or active.lets_pass() or self._overflows(fault))
        delay = 0.0
        if fires and isinstance(fault.effect, Latency):
            delay = fault.effect.seconds(draw(self.seed, "size", fault.id, *key))
        active.tally.fired += fires
        if fires or path is not None:
            outcome = {"delay": delay, "fired": fires, "draw": drawn, "rate": rate, "at": time()}
            self.ledger.note(hit_of(fault, point, path, self.registry.revision, **outcome))
        return InjectedFault(active, delay) if fires else None

    def _overflows(self, fault: Fault) -> bool:
        """Whether too many wait already for another one to."""
        if self.waiting < MOST_WAITING or not isinstance(fault.effect, CAN_WAIT):
            return False
        self.overflow += 1
        return True

    def behaves(self, name: BehaviorName, **values: Any) -> bool:
        """Whether the code goes the way called `name`; `values` are what faults can be aimed at."""
        row = self.registry.behaviors.get(name, NONE)
        injection = self.decide(InjectionPoint("point", name, values=values), row) if row else None
        if injection is None:
            return False
        injection.mark(get_current_span())
        return True

    def pool(
        self, side: Literal["store", "client"], place: str, peer: str = ""
    ) -> AbstractAsyncContextManager[None]:
        """Around an operation or call and its span: waits while the pools there are full."""
        row = self.registry.pools.get(side)
        if not row:
            return NO_WAIT
        # A count of its own: a pool must not change which other faults fire there.
        path = current()
        hop = path.next_hop(f"{side} pool", place) if path else ""
        injection = self.decide(InjectionPoint(side, place, peer, hop=hop), row)
        return NO_WAIT if injection is None else PoolSlots(injection, self.enter)

    async def wait(self, active: ActiveFault, seconds: float) -> bool:
        """Waits in that fault; says whether to the end."""
        with self._one_waiting():
            return await active.wait(seconds)

    async def enter(self, active: ActiveFault, gate: Gate) -> bool:
        """Enters the gate of a pool; says whether that took waiting."""
        with self._one_waiting():
            return await gate.enter(active.left)

    @contextmanager
    def _one_waiting(self) -> Iterator[None]:
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1
            self.activity.set()

    def share_key(self) -> str:
        """A key of whom faults are aimed at, "" if the current request is of nobody of them: all
        that requests share has it in its own key, so that a failure meant for one person stays
        theirs.
        """
        if not self.registry.aimed:
            return ""
        members = baggage.get_all()
        session = members.get(SESSION)
        found = {
            wanted
            for active, wanted in self.registry.aimed
            if (active.session is None or active.session == session)  # most are others'
            and all(members.get(name) == value for name, value in wanted)
            and active.is_active()
        }
        if not found:
            return ""
        text = "\x1f".join(f"{name}={value}" for wanted in sorted(found) for name, value in wanted)
        return blake2b(text.encode(), digest_size=8).hexdigest()

    def notice(self, members: Mapping[str, str]) -> Notice | None:
        """What a page says to whoever has this baggage: never what is hidden, nor what a service
        has by itself.
        """
        addressed = [one for one in self.registry.active() if is_addressed(one, members)]
        replaced = {one.fault.instead_of for one in addressed} - {None}
        shown = [one for one in addressed if is_shown(one) and not one.fault.rests_for(replaced)]
        return Notice(len(shown), int(max(one.left() for one in shown))) if shown else None

    def is_exercise(self, members: Mapping[str, str]) -> bool:
        """Whether a hidden fault may fire for whoever has this baggage."""
        return any(
            one.fault.hidden and one.fault.can_fire and is_addressed(one, members)
            for one in self.registry.active()
        )


def draw(seed: int, *parts: object) -> float:
    """A number from 0 up to but not including 1 that depends on nothing but `seed` and `parts`: no
    generator with a state, a hash, so that it can be repeated.

    A fault fires when its draw is below its rate, so raising a rate only ever adds victims.
    """
    text = "\x1f".join(map(str, parts)).encode()
    digest = blake2b(text, digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big") / 2**64


def key_of(
    fault: Fault, point: InjectionPoint, path: CallPath | None, n: int
) -> tuple[object, ...]:
    """What a draw of this fault depends on, beside the seed; `n` matches came before this one. It
    is never the time, and never an id of the trace: see docs/adr/0009.
    """
    if fault.draw == "key":
        assert fault.key is not None
        return (fault.key, point.attribute(fault.key))
    if path is None:
        return (n,)
    if fault.draw == "session":
        return (path.session,)
    if not path.step:
        return (path.session, n)
    key = (path.session, path.step, point.place, point.hop)
    return key if fault.draw == "request" else (*key, point.attempt)


def matches(fault: Fault, point: InjectionPoint) -> bool:
    where = fault.where
    return (
        point.can(fault.effect)
        and where.is_at(point.place, point.peer)
        and point.is_of(where.match)
        and (fault.key is None or point.attribute(fault.key) is not None)
    )


def meant(row: Iterable[ActiveFault]) -> list[ActiveFault]:
    """Those of the row that may be meant for the current session: of a class, each has its own."""
    session = baggage.get_baggage(SESSION)
    return [one for one in row if one.session is None or one.session == session]


def not_replaced(
    row: list[ActiveFault], others: Iterable[ActiveFault], at: InjectionPoint
) -> list[ActiveFault]:
    """Those of the row for which none of the others, as far as they are about this, stands in."""
    about = (one for one in meant(others) if at.is_of(one.fault.where.match))
    there = [one.fault for one in about if one.is_active()]
    return [one for one in row if not any(stands_in(other, one.fault) for other in there)]


def stands_in(one: Fault, other: Fault) -> bool:
    """Whether `one` fires in place of the `other` for whom it is about; of two that name each
    other, the first.
    """
    if one.instead_of == ALL:
        return other.instead_of is None
    mutual = other.instead_of == one.id
    return one.instead_of == other.id and not (mutual and other.precedence < one.precedence)


def hit_of(
    fault: Fault, point: InjectionPoint, path: CallPath | None, revision: int, **outcome: Any
) -> Hit:
    """What became of this fault at that point, in the current span."""
    span = get_current_span().get_span_context()
    return Hit(
        fault.id,
        fault.effect.type,
        point.place,
        revision,
        format_trace_id(span.trace_id) if span.is_valid else "",
        format_span_id(span.span_id) if span.is_valid else "",
        path.session if path else "",
        path.step if path else "",
        point.hop,
        point.attempt,
        **outcome,
    )


def is_addressed(active: ActiveFault, members: Mapping[str, str]) -> bool:
    """Whether it is for whoever has this baggage, and not only with some headers."""
    match = active.fault.where.match
    return not match.header and all(members.get(name) == value for name, value in whom(match))


def is_shown(active: ActiveFault) -> bool:
    """Whether a page says that it is active."""
    return active.source == LIVE and active.fault.can_fire and not active.fault.hidden
