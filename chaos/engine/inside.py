"""Faults inside a service: of its stores, its streams, and the named points of its code. Each is
injected inside the span of an operation or a message.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from opentelemetry.trace import get_current_span

from chaos.engine.effect import ConnectError, Drop, Duplicate, Poison, Raise
from chaos.engine.engine import FaultEngine
from chaos.engine.injection import apply, hung
from chaos.engine.injection_point import (
    HOP,
    InjectionPoint,
    arrived,
    current,
    entered,
    hop_header,
)
from chaos.engine.values import Part
from shared.errors import Unavailable
from shared.hooks import Entry, Fields, Publish

E = TypeVar("E", bound=Entry)
BODY, POISON = "body", "\x00"  # no JSON
NOWHERE = "0-0"  # the id of a message that was lost on the way
NOT_WHERE_SENT: frozenset[type[Part]] = frozenset({Raise})
NOT_WHERE_HANDLED: frozenset[type[Part]] = frozenset({ConnectError, Drop, Poison})


async def store_faults(engine: FaultEngine, operation: str, target: str) -> None:
    """Delays the operation, or raises Unavailable as if its database could not be reached."""
    injection = engine.decide(InjectionPoint("store", f"{operation} {target}"))
    if injection is None:
        return
    injection.mark(get_current_span())
    await apply(engine, injection)
    if injection.has(ConnectError):
        message = injection.message("the database could not be reached")
        raise Unavailable(message) from ConnectionError(message)
    if await hung(engine, injection):
        message = injection.message("the database did not answer")
        raise Unavailable(message) from TimeoutError(message)


async def point(engine: FaultEngine, name: str, **values: Any) -> None:
    """A place called `name`, as in "payment.charge"; `values` are what a fault can be aimed at.

    Raises what a mistake there would raise, and TimeoutError when it hangs to the end.
    """
    injection = engine.decide(InjectionPoint("point", name, values=values))
    if injection is None:
        return
    injection.mark(get_current_span())
    await apply(engine, injection)
    if await hung(engine, injection):
        raise TimeoutError(injection.message(f"{name} took too long"))


@dataclass(frozen=True)
class Fate:
    """What becomes of a message: it goes `times` times, and is `poisoned` or not."""

    times: int = 1
    poisoned: bool = False


class FaultyPublisher:
    """Publishes to a stream: late, never, twice, as poison, or not since Redis is away."""

    def __init__(self, publish: Publish, stream: str, engine: FaultEngine) -> None:
        self._publish, self._stream, self._engine = publish, stream, engine

    async def __call__(self, fields: Fields) -> str:
        if (path := current()) is not None:
            hop = hop_header(path.next_hop("stream", self._stream), 0)
            fields = {**fields, HOP: hop}
        if not self._engine.registry.stream:
            return await self._publish(fields)
        place = InjectionPoint("stream", f"send {self._stream}", not_here=NOT_WHERE_SENT)
        found = await fate(self._engine, place)
        if found.poisoned:
            fields = {**fields, BODY: POISON}
        id_ = NOWHERE
        for _ in range(found.times):
            id_ = await self._publish(fields)
        return id_


class FaultyHandler(Generic[E]):
    """Handles a message of a stream: late, twice, or not since there is a mistake."""

    def __init__(
        self, handle: Callable[[E], Awaitable[None]], stream: str, engine: FaultEngine
    ) -> None:
        self._handle, self._stream, self._engine = handle, stream, engine

    async def __call__(self, entry: E) -> None:
        if (path := arrived(entry.fields.get, self._stream)) is not None:
            entered(path)  # and left with the span of the message
        times = 1
        if self._engine.registry.stream:
            place = InjectionPoint(
                "stream",
                f"process {self._stream}",
                attempt=entry.redelivered,
                not_here=NOT_WHERE_HANDLED,
            )
            times = (await fate(self._engine, place)).times
        for _ in range(times):
            await self._handle(entry)


async def fate(engine: FaultEngine, at: InjectionPoint) -> Fate:
    injection = engine.decide(at)
    if injection is None:
        return Fate()
    injection.mark(get_current_span())
    await apply(engine, injection)
    if injection.has(ConnectError):
        message = injection.message("Redis could not be reached")
        raise Unavailable(message) from ConnectionError(message)
    times = 0 if injection.has(Drop) else 2 if injection.has(Duplicate) else 1
    return Fate(times, injection.has(Poison) is not None)
