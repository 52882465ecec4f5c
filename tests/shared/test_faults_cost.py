"""What the engine costs a request when no fault is there."""

import asyncio
from collections.abc import Awaitable, Callable
from time import process_time
from typing import Any

from shared.faults.engine import Faults
from shared.faults.server import FaultyRoute

REQUESTS, ROUNDS, BOUND = 5_000, 5, 20e-6
SCOPE = {"type": "http", "method": "GET", "headers": [(b"host", b"shop")], "path_params": {}}


async def route(scope: Any, receive: Any, send: Any) -> None:
    """A route that does nothing."""


async def nobody(*_: Any) -> Any:
    """Neither asks nor answers."""


async def cost_of(app: Callable[..., Awaitable[None]]) -> float:
    """CPU seconds of one request, in the best of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = process_time()
        for _ in range(REQUESTS):
            await app(SCOPE, nobody, nobody)
        rounds.append((process_time() - began) / REQUESTS)
    return min(rounds)


async def measured() -> tuple[float, float]:
    return await cost_of(route), await cost_of(FaultyRoute(route, "/order/{order_id}", Faults()))


def test_an_engine_without_faults_costs_a_request_next_to_nothing() -> None:
    bare, behind = asyncio.run(measured())

    print(f"{(behind - bare) * 1e6:.2f} microseconds of a request")
    assert behind - bare < BOUND
