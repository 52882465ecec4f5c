"""Faults on the side of the stores: inside the span of an operation."""

from opentelemetry.trace import get_current_span

from chaos.engine.effect import ConnectError
from chaos.engine.endure import endure, hung
from chaos.engine.engine import Faults
from chaos.engine.occasion import Occasion
from shared.errors import Unavailable


async def store_faults(faults: Faults, operation: str, target: str) -> None:
    """Delays the operation, or raises Unavailable as if its database could not be reached."""
    strike = faults.decide(faults.store, Occasion("store", f"{operation} {target}"))
    if strike is None:
        return
    strike.mark(get_current_span())
    await endure(faults, strike)
    if strike.has(ConnectError):
        told = strike.says("the database could not be reached")
        raise Unavailable(told) from ConnectionError(told)
    if await hung(faults, strike):
        told = strike.says("the database did not answer")
        raise Unavailable(told) from TimeoutError(told)
