"""Faults on the server's side of a call over gRPC: around the method, by the HTTP route that it
stands for, so that the same faults fire in the same calls whichever way they come.

What HTTP shows and gRPC cannot: there is one message, and no part of it is seen before the whole.
So a body that drips is a late answer, and one that is cut short is a connection that was lost.
"""

from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from typing import Any, TypeVar

from opentelemetry import context as otel
from opentelemetry.trace import get_current_span

from chaos.engine.effect import Drip, Reset, Truncate, Unready
from chaos.engine.engine import FaultEngine
from chaos.engine.injection import Injection, apply, delay, hung, refusal
from chaos.engine.injection_point import InjectionPoint, arrived, current, entered
from chaos.engine.registry import ActiveFault

T = TypeVar("T")
NOT_HERE = frozenset({Unready})


async def faulty_rpc(
    engine: FaultEngine,
    work: Callable[[], Awaitable[T]],
    place: str,
    header: Callable[[str], str | None],
    values: Mapping[str, Any],
) -> T:
    """Does the work behind the service's faults, in the SERVER span. Raises the ShopError that is
    injected, and ConnectionResetError where the caller is not to get an answer.
    """
    path = arrived(header, place.partition(" ")[2])
    if path is None:
        return await serve(engine, work, place, header, values)
    token = entered(path)
    try:
        return await serve(engine, work, place, header, values)
    finally:
        otel.detach(token)


async def serve(
    engine: FaultEngine,
    work: Callable[[], Awaitable[T]],
    place: str,
    header: Callable[[str], str | None],
    values: Mapping[str, Any],
) -> T:
    if not engine.registry.server:
        return await work()
    path = current()
    point = InjectionPoint(
        "server",
        place,
        header=header,
        values=values,
        hop=path.hop if path else "",
        attempt=path.attempt if path else 0,
        not_here=NOT_HERE,
    )
    injection = engine.decide(point)
    return await work() if injection is None else await inject(engine, injection, work)


async def inject(engine: FaultEngine, injection: Injection, work: Callable[[], Awaitable[T]]) -> T:
    injection.mark(get_current_span())
    await apply(engine, injection)
    if (error := refusal(injection)) is not None:
        raise error
    reset, part = injection.has(Reset), injection.has(Truncate)
    if await hung(engine, injection) or (reset and reset[1].position == "before"):
        raise ConnectionResetError
    answer = await work()
    await delay(engine, injection, "after")
    if reset or part:
        raise ConnectionResetError
    if drip := injection.has(Drip):
        await let_drip(engine, *drip, answer)
    return answer


async def let_drip(engine: FaultEngine, active: ActiveFault, effect: Drip, answer: Any) -> None:
    """Waits for as long as the message would take to drip."""
    for _ in range(ceil(answer.ByteSize() / effect.chunk_bytes) - 1):
        if active.is_active():
            await engine.wait(active, effect.interval_ms / 1000)
