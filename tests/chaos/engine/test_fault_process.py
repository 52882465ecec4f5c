"""Faults of a whole process, as its callers see them: it ends, or says that it is not ready."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from chaos.engine.model import Snapshot
from shared.errors import Unreachable
from shared.settings import GatewaySettings
from tests.chaos.engine.pair import Pair, until
from tests.faulty import faults_in, open_runtime


async def test_who_calls_a_process_that_crashes_loses_the_connection() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.chaos.engine.crashing", stdin=PIPE, stdout=PIPE
    )
    assert process.stdout is not None
    port, spans = int(await process.stdout.readline()), InMemorySpanExporter()
    known = GatewaySettings(urls={"orders": f"http://127.0.0.1:{port}"})

    async with open_runtime(known, exporter=spans) as gateway:
        with pytest.raises(Unreachable):
            await gateway.peers.service("orders").post("/orders", dict, {})

    [client] = spans.get_finished_spans()
    attributes = client.attributes or {}
    assert client.status.status_code is StatusCode.ERROR
    assert attributes["error.type"] in {"RemoteProtocolError", "ReadError"}
    assert "http.response.status_code" not in attributes
    assert await process.wait() == 7


async def test_an_unready_process_says_so_and_goes_on_serving(pair: Pair) -> None:
    pair.inject("server", type="unready")

    async with httpx.AsyncClient(base_url=pair.gateway.settings.urls["orders"]) as client:
        refused = await client.get("/readyz")
        assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
        assert (await client.get("/healthz")).status_code == 200
        assert (await pair.ask())["id"] == "1"
        faults_in(pair.orders).replace(Snapshot())
        assert (await client.get("/readyz")).status_code == 200
    await until(lambda: len(pair.spans.get_finished_spans()) == 2)
    assert pair.server.status.status_code is StatusCode.UNSET
    assert (pair.server.attributes or {})["http.response.status_code"] == 200
