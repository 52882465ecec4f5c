"""Faults of stores, streams and named points, and those of a whole process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chaos.engine.engine import FaultEngine
from chaos.engine.injection import InjectedFault, Injection, apply
from chaos.engine.injection_point import InjectionPoint
from chaos.engine.inside import point
from chaos.engine.model import Fault, Snapshot
from chaos.engine.registry import OwnFault
from shared.errors import Unavailable
from shared.runtime import Runtime
from shared.service import create_service
from shared.stores.streams import Message, Patience, Stream
from tests.faulty import faults_in

QUICK = Patience(handling=5, pause=0.02, poll=0.05)


def fault(side: str, operation: str | None = None, hits: str | None = None, **effect: Any) -> Fault:
    where = {"side": side, "operation": operation}
    content = {"id": "the-fault", "where": where, "hits": hits, "effect": effect}
    return Fault.model_validate(content)


def inject(runtime: Runtime, *faults: Fault) -> None:
    faults_in(runtime).replace(Snapshot(faults=faults))


async def until(true: Callable[[], Any], seconds: float = 20) -> None:
    """Polls until it is true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def marked(spans: InMemorySpanExporter, name: str) -> tuple[object, object]:
    """The `error.type`, if it is an error, and the fault that marks the last span of that name."""
    span = [span for span in spans.get_finished_spans() if span.name == name][-1]
    attributes = span.attributes or {}
    failed = span.status.status_code is StatusCode.ERROR
    return (attributes.get("error.type") if failed else None), attributes.get("acmeshop.fault.id")


async def test_a_store_cannot_be_reached(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = shipping.stores.documents("parcels")
    inject(shipping, fault("store", "INSERT parcels", type="connect_error"))

    with pytest.raises(Unavailable, match=r"\[acmeshop fault the-fault\] the database"):
        await parcels.put("1", {})

    assert await parcels.get("1") is None
    assert marked(spans, "INSERT parcels") == ("ConnectionError", "the-fault")
    assert marked(spans, "SELECT parcels") == (None, None)


async def test_a_store_hangs_until_it_times_out(
    shipping: Runtime, spans: InMemorySpanExporter
) -> None:
    parcels = shipping.stores.documents("parcels")
    inject(shipping, fault("store", "parcels", type="hang", max_s=0.01))

    with pytest.raises(Unavailable):
        await parcels.get("1")

    assert marked(spans, "SELECT parcels") == ("timeout", "the-fault")


async def test_a_slow_store_is_no_error(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = shipping.stores.documents("parcels")
    inject(shipping, fault("store", type="latency", ms=5))

    await parcels.put("1", {})

    assert marked(spans, "INSERT parcels") == (None, "the-fault")


async def test_redis_is_a_store_too(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    inject(shipping, fault("store", "cart", type="connect_error"))

    with pytest.raises(Unavailable):
        await shipping.stores.redis().run("GET", "cart", lambda client: client.get("x"))
    await shipping.stores.redis().run("GET", "session", lambda client: client.get("x"))

    assert marked(spans, "GET cart") == ("ConnectionError", "the-fault")


class Parcels:
    """A stream with one consumer, and what it was handed."""

    def __init__(self, runtime: Runtime) -> None:
        keys, telemetry = runtime.stores.redis(), runtime.telemetry
        self.stream = Stream(keys, "order.placed", telemetry, QUICK, hooks=runtime.hooks)
        self.handled: list[Any] = []

    async def handle(self, message: Message) -> None:
        self.handled.append(message.body)

    @contextlib.asynccontextmanager
    async def consumed(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.stream.consume("shipping", self.handle))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_a_message_is_sent_twice(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", "send", hits="1", type="duplicate"))

    async with parcels.consumed():
        await parcels.stream.publish("one")
        await parcels.stream.publish("two")
        await until(lambda: "two" in parcels.handled)

    assert parcels.handled == ["one", "one", "two"]
    assert marked(spans, "send order.placed")[0] is None


async def test_a_message_is_handled_twice(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", "process", hits="1", type="duplicate"))

    async with parcels.consumed():
        await parcels.stream.publish("one")
        await parcels.stream.publish("two")
        await until(lambda: "two" in parcels.handled)

    assert parcels.handled == ["one", "one", "two"]


async def test_a_message_is_lost(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", hits="1", type="drop"))

    async with parcels.consumed():
        await parcels.stream.publish("one")
        await parcels.stream.publish("two")
        await until(lambda: "two" in parcels.handled)

    assert parcels.handled == ["two"]


async def test_a_poisoned_message_is_buried(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", hits="1", type="poison"))

    async with parcels.consumed():
        await parcels.stream.publish("one")
        await parcels.stream.publish("two")
        await until(lambda: "two" in parcels.handled)
        client = shipping.stores.redis().client
        async with asyncio.timeout(20):
            while not await client.xlen("order.placed.dead"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    assert parcels.handled == ["two"]
    handled = [span for span in spans.get_finished_spans() if span.name == "process order.placed"]
    assert "JSONDecodeError" in {(span.attributes or {}).get("error.type") for span in handled}


async def test_a_message_cannot_be_sent(shipping: Runtime, spans: InMemorySpanExporter) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", type="connect_error"))

    with pytest.raises(Unavailable):
        await parcels.stream.publish("one")

    assert marked(spans, "send order.placed") == ("ConnectionError", "the-fault")


async def test_a_handler_fails_once_and_the_message_is_tried_again(
    shipping: Runtime, spans: InMemorySpanExporter
) -> None:
    parcels = Parcels(shipping)
    inject(shipping, fault("stream", hits="1", type="exception", name="KeyError"))

    async with parcels.consumed():
        await parcels.stream.publish("one")
        await until(lambda: parcels.handled)

    assert parcels.handled == ["one"]
    processed = [s for s in spans.get_finished_spans() if s.name == "process order.placed"]
    assert (processed[0].attributes or {})["error.type"] == "KeyError"


async def test_a_named_point_raises_what_a_mistake_there_would(shipping: Runtime) -> None:
    inject(shipping, fault("point", "payment.charge", type="exception", name="ValueError"))

    await shipping.hooks.point("elsewhere")
    with pytest.raises(ValueError, match="the-fault"):
        await shipping.hooks.point("payment.charge", order="7")


async def test_a_named_point_hangs_no_longer_than_it_may() -> None:
    faults = FaultEngine([OwnFault(fault("point", type="hang", max_s=0.01))])

    with pytest.raises(TimeoutError):
        await point(faults, "payment.charge")


async def test_a_crash_ends_the_process() -> None:
    codes: list[int] = []
    faults = FaultEngine([OwnFault(fault("point", type="crash", exit_code=3))], die=codes.append)

    await point(faults, "payment.charge")

    assert codes == [3]


async def test_a_leak_stops_at_its_cap_and_is_mended_when_the_fault_ends() -> None:
    faults = FaultEngine()
    faults.replace(Snapshot(faults=(fault("server", type="leak", kib=512, cap_mib=1),)))
    [active] = faults.registry.server
    for _ in range(5):
        injection = faults.decide(InjectionPoint("server", "GET /x"))
        assert injection is not None
        await apply(faults, injection)

    assert sum(map(len, active.kept)) == 1024 * 1024
    faults.replace(Snapshot())
    assert active.kept == []


async def test_several_leaks_keep_no_more_than_a_process_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chaos.engine.injection.MOST_LEAKED", 3 * 1024 * 1024)
    faults = FaultEngine()
    more = {"id": "leak-too", "effect": {"type": "leak", "kib": 1024}}
    leaks = (fault("server", type="leak", kib=1024), Fault.model_validate(more))
    faults.replace(Snapshot(faults=leaks))
    for _ in range(5):
        for active in faults.registry.server:
            await apply(faults, Injection((InjectedFault(active),)))

    assert faults.registry.leaked() == 3 * 1024 * 1024


async def test_an_unready_service_says_so_and_serves_on(shipping: Runtime) -> None:
    router = APIRouter()

    @router.get("/work")
    async def work() -> str:
        return "done"

    app = create_service("shipping", shipping, router)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shipping"
    ) as client:
        inject(shipping, fault("server", type="unready"))
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/work")).json() == "done"
        inject(shipping)
        assert (await client.get("/readyz")).status_code == 200
