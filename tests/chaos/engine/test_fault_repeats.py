"""Two runs with one seed: the same faults, in whatever order and however busy the machine is."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Any

import pytest

from chaos.engine.engine import FaultEngine, Hit
from chaos.engine.inside import store_faults
from chaos.engine.model import Fault
from chaos.engine.registry import OwnFault
from chaos.engine.route import FaultyRoute
from chaos.engine.transport import FaultyTransport
from shared.errors import ShopError
from shared.transport import Call, Request, Response, Transport, TransportError
from tests.chaos.engine.decisions import with_baggage

SESSIONS, STEPS, ATTEMPTS = 12, 10, 3
FAULTS: tuple[dict[str, Any], ...] = (
    {"id": "orders-down", "where": {"service": "orders"}, "rate": 0.2, "effect": {"type": "error"}},
    {
        "id": "orders-slow",
        "where": {"service": "orders"},
        "rate": 0.4,
        "effect": {"type": "latency", "dist": "pareto", "ms": 0.001, "cap_ms": 0.01},
    },
    {
        "id": "line-cut",
        "where": {"side": "client", "peer": "orders"},
        "rate": 0.3,
        "draw": "request",
        "effect": {"type": "reset"},
    },
    {
        "id": "store-away",
        "where": {"side": "store", "operation": "orders"},
        "rate": 0.25,
        "effect": {"type": "connect_error"},
    },
    {"id": "unlucky-one", "rate": 0.3, "draw": "session", "effect": {"type": "exception"}},
)
Pause = Callable[[], Any]


class Machine:
    """A gateway that calls orders several times at once and tries again; who goes on first is a
    matter of chance.
    """

    def __init__(self, seed: int, chance: int) -> None:
        own = [OwnFault(Fault.model_validate(content)) for content in FAULTS]
        self.gateway = FaultEngine(own, seed, service="gateway")
        self.orders = FaultEngine(own, seed, service="orders")
        self._random = random.Random(chance)
        self._order = FaultyRoute(self.read_order, "/order/{order_id}", self.orders)
        self._click = FaultyRoute(self.answer_click, "/", self.gateway)
        self._wire = FaultyTransport(Inward(self._order), "orders", self.gateway)

    async def pause(self) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)

    async def read_order(self, *_: Any) -> None:
        for table in ("orders", "shipments", "orders"):
            await self.pause()
            await store_faults(self.orders, "SELECT", table)

    async def answer_click(self, *_: Any) -> None:
        await asyncio.gather(*(self.call_order() for _ in range(3)))

    async def call_order(self) -> None:
        """Tries up to `ATTEMPTS` times, as a client with retries does."""
        call = Call("/order/{order_id}")
        await self.pause()
        for call.resent in range(ATTEMPTS):
            request = Request("GET", "http://orders/order/1", extensions={"call": call})
            with suppress(TransportError):
                if (await self._wire.handle_async_request(request)).is_success:
                    return
            await self.pause()

    async def click(self, session: str, step: int) -> None:
        await self.pause()
        scope = {"type": "http", "method": "GET", "headers": [], "path_params": {}}
        with with_baggage({"session.id": session, "acmeshop.step": str(step)}):
            await succeeds(self._click, scope)

    async def clicked(self) -> "Machine":
        clicks = [(f"s-{n}", step) for n in range(SESSIONS) for step in range(STEPS)]
        self._random.shuffle(clicks)
        await asyncio.gather(*(self.click(*click) for click in clicks))
        return self

    def ledger(self) -> list[tuple[Any, ...]]:
        """All that is known of each hit, and of what could have been one, but for when it was."""
        return sorted(map(facts, [*self.gateway.ledger, *self.orders.ledger]))


class Inward(Transport):
    """The way to a route without a network."""

    def __init__(self, route: FaultyRoute) -> None:
        self._route = route

    async def handle_async_request(self, request: Request) -> Response:
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        scope = {"type": "http", "method": "GET", "headers": headers, "path_params": {}}
        return Response(200 if await succeeds(self._route, scope) else 503)


async def succeeds(route: FaultyRoute, scope: Any) -> bool:
    """Whether it went well."""
    try:
        await route(scope, nobody, nobody)
    except (ShopError, RuntimeError):
        return False
    return True


async def nobody(*_: Any) -> Any:
    """Neither receives nor sends."""


def facts(hit: Hit) -> tuple[Any, ...]:
    where = (hit.fault, hit.session, hit.step, hit.place, hit.hop, hit.attempt)
    return *where, hit.fired, hit.draw, hit.rate, hit.delay


@contextmanager
def busy() -> Iterator[None]:
    """Something computes beside, and takes the interpreter whenever it can."""
    ended = Event()

    def burn() -> None:
        while not ended.is_set():
            sum(range(1000))

    thread = Thread(target=burn)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize("seed", [42, 267])
async def test_two_runs_have_the_same_ledger_also_on_a_busy_machine(seed: int) -> None:
    quiet = await Machine(seed, chance=1).clicked()
    with busy():
        loaded = await Machine(seed, chance=2).clicked()

    assert quiet.ledger() == loaded.ledger()
    fired = {hit.fault for hit in [*quiet.gateway.ledger, *quiet.orders.ledger] if hit.fired}
    assert fired == {content["id"] for content in FAULTS}
    assert len(quiet.ledger()) > 1000


async def test_another_seed_has_other_victims() -> None:
    one, other = [await Machine(seed, chance=1).clicked() for seed in (1, 2)]

    assert one.ledger() != other.ledger()
