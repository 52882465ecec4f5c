"""What the engine does for a request when nothing is to fail: counted in calls of its functions,
since the time that they take says more about the machine.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from opentelemetry.baggage import set_baggage
from opentelemetry.context import attach

import chaos.engine
from chaos.engine.engine import FaultEngine
from chaos.engine.hooks import FaultHooks
from chaos.engine.model import Fault, Snapshot
from shared.http import CallPolicy
from shared.transport import Request, Response, Transport

ENGINE = str(Path(chaos.engine.__file__).parent)
SCOPE = {"type": "http", "method": "GET", "headers": [(b"host", b"shop")], "path_params": {}}
SIDES = ("server", "client", "store", "stream", "point")
CALL, ANSWER, NORMAL = Request("GET", "http://orders/order/1"), Response(200), CallPolicy(1)


class Line(Transport):
    async def handle_async_request(self, _: Request) -> Response:
        return ANSWER


async def published(_fields: Any) -> str:
    return "1-0"


async def nobody(*_: Any) -> Any:
    """Neither sends nor receives."""


def everywhere(hooks: FaultHooks) -> Callable[..., Awaitable[None]]:
    """A route that passes every hook once: a call, a store, a stream, a point, a strategy."""
    wire = hooks.transport(Line(), "orders")
    publish = hooks.publisher(published, "order.placed")
    strategy = hooks.choose("normal", fallback="other")

    async def passing(scope: Any, receive: Any, send: Any) -> None:
        hooks.policy("orders", NORMAL, "GET")
        await wire.handle_async_request(CALL)
        async with hooks.connection("SELECT", "orders"):
            await hooks.operation("SELECT", "orders")
        await publish({"body": "{}"})
        await hooks.point("orders.place")
        strategy()

    return hooks.route(passing, "/order/{order_id}")


def calls_of(work: Callable[[], None]) -> int:
    """How often functions of the engine are called."""
    count = 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_filename.startswith(ENGINE)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def engine_calls(session: str, *faults: Fault) -> int:
    """How many of them one request makes, that is of this session."""
    hooks = FaultHooks(FaultEngine())
    hooks.engine.replace(Snapshot(faults=faults))
    app = everywhere(hooks)

    async def request() -> None:
        if session:
            attach(set_baggage("session.id", session))
        await app(SCOPE, nobody, nobody)

    return calls_of(lambda: asyncio.run(request()))


def of_others(count: int) -> Iterator[Fault]:
    """Faults on each side, every one of them for another session."""
    for n in range(count):
        where = {"side": SIDES[n % len(SIDES)], "match": {"session": f"s-{n}"}}
        effect = {"type": "latency", "ms": 1}
        yield Fault.model_validate({"id": f"theirs-{n}", "where": where, "effect": effect})


@pytest.mark.parametrize(("session", "most"), [("", 16), ("s-ann", 32)])
def test_without_faults_each_hook_is_a_call_or_two(session: str, most: int) -> None:
    assert 0 < engine_calls(session) <= most


def test_faults_of_others_are_passed_over_without_a_decision_on_each() -> None:
    few, many = (engine_calls("s-ann", *of_others(number)) for number in (10, 100))

    assert many == few
