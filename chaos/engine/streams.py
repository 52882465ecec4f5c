"""Faults on the side of the streams: inside the span of a message, where it is sent or handled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from opentelemetry.trace import get_current_span

from chaos.engine import journey
from chaos.engine.effect import ConnectError, Drop, Duplicate, Poison, Raise
from chaos.engine.endure import endure
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion
from chaos.engine.values import Part
from shared.errors import Unavailable
from shared.hooks import Entry, Fields, Publish

E = TypeVar("E", bound=Entry)
BODY, POISON = "body", "\x00"  # no JSON
NOWHERE = "0-0"  # the id of a message that was lost on the way
NOT_WHERE_SENT: frozenset[type[Part]] = frozenset({Raise})
NOT_WHERE_HANDLED: frozenset[type[Part]] = frozenset({ConnectError, Drop, Poison})


@dataclass(frozen=True)
class Fate:
    """What becomes of a message: it goes `times` times, and is `poisoned` or not."""

    times: int = 1
    poisoned: bool = False


class FaultyPublisher:
    """Publishes to a stream: late, never, twice, as poison, or not since Redis is away."""

    def __init__(self, publish: Publish, stream: str, faults: Faults) -> None:
        self._publish, self._stream, self._faults = publish, stream, faults

    async def __call__(self, fields: Fields) -> str:
        if (whose := journey.current()) is not None:
            hop = journey.told(whose.next_hop("stream", self._stream), 0)
            fields = {**fields, journey.HOP: hop}
        if not self._faults.stream:
            return await self._publish(fields)
        place = Occasion("stream", f"send {self._stream}", not_here=NOT_WHERE_SENT)
        found = await fate(self._faults, place)
        if found.poisoned:
            fields = {**fields, BODY: POISON}
        id_ = NOWHERE
        for _ in range(found.times):
            id_ = await self._publish(fields)
        return id_


class FaultyHandler(Generic[E]):
    """Handles a message of a stream: late, twice, or not since there is a mistake."""

    def __init__(self, handle: Callable[[E], Awaitable[None]], stream: str, faults: Faults) -> None:
        self._handle, self._stream, self._faults = handle, stream, faults

    async def __call__(self, entry: E) -> None:
        if (whose := journey.arrived(entry.fields.get, self._stream)) is not None:
            journey.entered(whose)  # and left with the span of the message
        times = 1
        if self._faults.stream:
            place = Occasion(
                "stream",
                f"process {self._stream}",
                attempt=entry.redelivered,
                not_here=NOT_WHERE_HANDLED,
            )
            times = (await fate(self._faults, place)).times
        for _ in range(times):
            await self._handle(entry)


async def fate(faults: Faults, occasion: Occasion) -> Fate:
    strike = faults.decide(faults.stream, occasion)
    if strike is None:
        return Fate()
    strike.mark(get_current_span())
    await endure(faults, strike)
    if strike.has(ConnectError):
        told = strike.says("Redis could not be reached")
        raise Unavailable(told) from ConnectionError(told)
    times = 0 if strike.has(Drop) else 2 if strike.has(Duplicate) else 1
    return Fate(times, strike.has(Poison) is not None)
