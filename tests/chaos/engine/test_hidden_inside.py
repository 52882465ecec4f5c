"""Failures inside a service that nobody may recognise as ordered: of stores, streams and points."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chaos.engine.model import Fault, Snapshot
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import ShippingSettings
from shared.stores.streams import Message, Patience, Stream
from shared.telemetry.decorator import Trace
from shared.telemetry.encode import encode_spans
from tests.chaos.engine.logged import listening
from tests.chaos.engine.test_hidden import effects, given_away
from tests.faulty import faults_in, open_runtime

QUICK = Patience(handling=5, pause=0.02, poll=0.05, deliveries=2)
WORKS = {"documents": "store", "keys": "store", "stream": "stream", "step": "point"}


class Insider:
    """A service with a route for each of its `WORKS`, and a consumer of its stream."""

    def __init__(self, runtime: Runtime, spans: InMemorySpanExporter) -> None:
        self.runtime, self.spans = runtime, spans
        self.stream = Stream(
            runtime.stores.redis(), "order.placed", runtime.telemetry, QUICK, hooks=runtime.hooks
        )
        app = create_service("shipping", runtime, self._routes())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://shipping")

    def _routes(self) -> APIRouter:
        router, keys = APIRouter(), self.runtime.stores.redis()
        parcels, step = self.runtime.stores.documents("parcels"), self.runtime.hooks.point

        @Trace
        async def done(work: str) -> None:
            if work == "documents":
                await parcels.get("1")
            elif work == "keys":
                await keys.run("GET", "cart", lambda client: client.get("x"))
            elif work == "stream":
                await self.stream.publish({"order_id": "1"})
            else:
                await step("payment.charge")

        @router.get("/job/{work}")
        async def read(work: str) -> None:
            await done(work)

        return router

    async def leaving(self, work: str, effect: dict[str, Any], hidden: bool) -> bytes:
        """All that leaves the service while this is injected: answers, spans, log lines."""
        self.spans.clear()
        where = {"side": WORKS.get(work, "stream")}
        if work == "handling":
            await self.stream.publish({"order_id": "1"})
            where["operation"] = "process"
        content = {"id": "moody-thing", "title": "sabotage", "where": where, "effect": effect}
        fault = Fault.model_validate(content | {"hidden": hidden})
        faults_in(self.runtime).replace(Snapshot(faults=(fault,)))
        with listening() as said:
            if work == "handling":
                await self._handled()
                answer = b""
            else:
                answer = (await self.client.get(f"/job/{work}")).content
        assert faults_in(self.runtime).registry.tallies["moody-thing"].fired
        faults_in(self.runtime).replace(Snapshot())
        return answer + encode_spans(self.spans.get_finished_spans()) + said.bytes()

    async def _handled(self) -> None:
        """Has the message handled until there is none any more."""

        async def handle(_: Message) -> None: ...

        task = asyncio.create_task(self.stream.consume("shipping", handle))
        keys = self.runtime.stores.redis().client
        async with asyncio.timeout(20):
            while await keys.xlen("order.placed"):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def insider(tmp_path: Path, empty_redis: Callable[[], str]) -> AsyncIterator[Insider]:
    settings = ShippingSettings(data=tmp_path, redis_url=empty_redis())
    spans = InMemorySpanExporter()
    async with open_runtime(settings, exporter=spans) as runtime:
        yield Insider(runtime, spans)


def inner_effects(work: str) -> list[dict[str, Any]]:
    if work == "handling":
        return [{"type": "exception", "name": "KeyError"}, {"type": "duplicate"}]
    return [effect for effect in effects(WORKS[work]) if works_at(work, effect)]


def works_at(work: str, effect: dict[str, Any]) -> bool:
    there = effect["type"] != "exception" or work != "stream"
    return there and effect.get("position") != "after" and effect["type"] != "behavior"


@pytest.mark.parametrize("work", [*WORKS, "handling"])
async def test_no_byte_from_inside_gives_a_hidden_fault_away(insider: Insider, work: str) -> None:
    for effect in inner_effects(work):
        assert given_away(await insider.leaving(work, effect, hidden=True)) == [], effect


@pytest.mark.parametrize("work", [*WORKS, "handling"])
async def test_these_bytes_from_inside_would(insider: Insider, work: str) -> None:
    for effect in inner_effects(work):
        output = await insider.leaving(work, effect, hidden=False)
        assert (b"fault" in output) is (effect["type"] != "pool"), effect
