"""Faults on the side of the streams: inside the span of a message, where it is sent or handled."""

from dataclasses import dataclass

from opentelemetry.trace import get_current_span

from chaos.engine.effect import ConnectError, Drop, Duplicate, Poison, Raise
from chaos.engine.endure import endure
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion
from chaos.engine.values import Part
from shared.errors import Unavailable

POISON = "\x00"  # no JSON
NOT_WHERE_SENT: frozenset[type[Part]] = frozenset({Raise})
NOT_WHERE_HANDLED: frozenset[type[Part]] = frozenset({ConnectError, Drop, Poison})


@dataclass(frozen=True)
class Fate:
    """What becomes of a message: it goes `times` times, and is `poisoned` or not."""

    times: int = 1
    poisoned: bool = False


async def sending_faults(faults: Faults, stream: str) -> Fate:
    """Delays the message, or raises Unavailable as if Redis could not be reached."""
    place = Occasion("stream", f"send {stream}", not_here=NOT_WHERE_SENT)
    return await fate(faults, place)


async def handling_faults(faults: Faults, stream: str, redelivered: int) -> Fate:
    """Delays the handling, or raises what a mistake in the handler would."""
    where, not_here = f"process {stream}", NOT_WHERE_HANDLED
    place = Occasion("stream", where, attempt=redelivered, not_here=not_here)
    return await fate(faults, place)


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
