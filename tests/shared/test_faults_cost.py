"""What the engine costs a request when no fault is there."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from time import process_time
from typing import Any

import pytest
from opentelemetry.baggage import set_baggage
from opentelemetry.context import attach

from chaos.engine.client import FaultyTransport
from chaos.engine.engine import Faults
from chaos.engine.model import Fault, Snapshot
from chaos.engine.points import point
from chaos.engine.server import FaultyRoute
from chaos.engine.stores import store_faults
from chaos.engine.streams import sending_faults
from shared.transport import Request, Response, Transport

REQUESTS, ROUNDS, BOUND = 5_000, 5, 20e-6
SCOPE = {"type": "http", "method": "GET", "headers": [(b"host", b"shop")], "path_params": {}}
SIDES = ("server", "client", "store", "stream", "point")
CALL, ANSWER = Request("GET", "http://orders/order/1"), Response(200)


class Line(Transport):
    """A wire at whose end somebody has answered already."""

    async def handle_async_request(self, _: Request) -> Response:
        return ANSWER


async def call(wire: Transport) -> None:
    await wire.handle_async_request(CALL)


async def route(scope: Any, receive: Any, send: Any) -> None:
    """A route that calls somebody, and does nothing else."""
    await call(LINE)


def everywhere(faults: Faults) -> Callable[..., Awaitable[None]]:
    """A route that asks wherever faults can strike: a call, a store, a stream, a point, ..."""
    wire = FaultyTransport(LINE, "orders", faults)

    async def asking(scope: Any, receive: Any, send: Any) -> None:
        faults.privacy()
        async with faults.pool("client", "GET /order/{order_id}", "orders"):
            await call(wire)
        async with faults.pool("store", "SELECT orders"):
            if faults.store:
                await store_faults(faults, "SELECT", "orders")
        if faults.stream:
            await sending_faults(faults, "order.placed")
        await point(faults, "orders.place")
        faults.behaves("fallback")

    return FaultyRoute(asking, "/order/{order_id}", faults)


LINE = Line()


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


async def measured(members: Mapping[str, str], *told: Fault) -> tuple[float, float]:
    faults = Faults()
    faults.replace(Snapshot(faults=told))
    for name, value in members.items():
        attach(set_baggage(name, value))
    return await cost_of(route), await cost_of(everywhere(faults))


def of_others(count: int) -> Iterator[Fault]:
    """Faults on each side, every one of them for another session."""
    for n in range(count):
        where = {"side": SIDES[n % len(SIDES)], "match": {"session": f"s-{n}"}}
        told = {
            "where": where,
            "effect": {"type": "latency", "ms": 1},
            "instead_of": "auth-failure",
        }
        yield Fault.model_validate({"id": f"theirs-{n}"} | told)


def test_what_is_meant_for_others_costs_little() -> None:
    bare, behind = asyncio.run(measured({"session.id": "s-ann"}, *of_others(100)))

    print(f"{(behind - bare) * 1e6:.2f} microseconds of a request beside 100 faults of others")
    assert behind - bare < 20 * BOUND


@pytest.mark.parametrize("members", [{}, {"session.id": "s-ann", "acmeshop.step": "7"}])
def test_an_engine_without_faults_costs_a_request_next_to_nothing(
    members: Mapping[str, str],
) -> None:
    bare, behind = asyncio.run(measured(members))

    whose = "in a session" if members else "of nobody's"
    print(f"{(behind - bare) * 1e6:.2f} microseconds of a request {whose}")
    assert behind - bare < BOUND
