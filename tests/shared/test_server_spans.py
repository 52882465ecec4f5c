"""The SERVER span: when it ends, what it must not record, and that there is only one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time_ns
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, FastAPI
from fastapi.responses import StreamingResponse
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import GatewaySettings
from shared.telemetry import server as server_spans
from shared.telemetry.provider import Telemetry
from shared.telemetry.server import ServerSpans
from tests.shared.test_metrics import points

SECRETS = "user=guest&token=abc&CardNumber=4111&cvv=1;password=x&empty="
REDACTED = "user=guest&token=REDACTED&CardNumber=REDACTED&cvv=REDACTED;password=REDACTED&empty="


class Callee(httpx.AsyncBaseTransport):
    """Keeps what it was sent, and answers with an empty object."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(str(request.url))
        return httpx.Response(200, json={}, request=request)


class Gateway:
    """A gateway with the routes of `router`, the service it calls, and its spans."""

    def __init__(self, runtime: Runtime[GatewaySettings], router: APIRouter) -> None:
        self.app = create_service("gateway", runtime, router)

    async def get(self, url: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            return await client.get(url)


@asynccontextmanager
async def opened(
    spans: InMemorySpanExporter, callee: Callee | None = None
) -> AsyncIterator[Runtime[GatewaySettings]]:
    async with Runtime.open(
        GatewaySettings(), transport=callee or Callee(), exporter=spans
    ) as runtime:
        yield runtime


def only(spans: InMemorySpanExporter, kind: SpanKind) -> ReadableSpan:
    (span,) = [span for span in spans.get_finished_spans() if span.kind is kind]
    return span


async def test_the_span_ends_with_the_response_and_not_after_the_background_work(
    spans: InMemorySpanExporter,
) -> None:
    router, begun = APIRouter(), []

    @router.get("/order")
    async def order(background: BackgroundTasks) -> dict[str, str]:
        background.add_task(lambda: begun.append(time_ns()))
        return {}

    async with opened(spans) as runtime:
        await Gateway(runtime, router).get("/order")

    assert (only(spans, SpanKind.SERVER).end_time or 0) <= begun[0]


async def test_the_request_is_measured_without_its_background_work(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    router, now = APIRouter(), [0.0]
    monkeypatch.setattr(server_spans, "perf_counter", lambda: now[0])

    def wait_until(then: float) -> None:
        now[0] = then

    @router.get("/order")
    async def order(background: BackgroundTasks) -> dict[str, str]:
        background.add_task(wait_until, 60.0)
        wait_until(2.0)
        return {}

    async with opened(spans) as runtime:
        await Gateway(runtime, router).get("/order")
        (measured,) = points(runtime, "http.server.request.duration")

    assert measured.sum == 2.0


async def test_the_span_ends_with_the_last_part_of_the_body(spans: InMemorySpanExporter) -> None:
    router, parts = APIRouter(), []

    async def produce() -> AsyncIterator[bytes]:
        for part in (b"first", b"last"):
            parts.append(time_ns())
            yield part

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(produce())

    async with opened(spans) as runtime:
        assert (await Gateway(runtime, router).get("/stream")).text == "firstlast"

    assert (only(spans, SpanKind.SERVER).end_time or 0) >= parts[1]


async def test_secrets_in_a_query_are_recorded_neither_by_server_nor_by_client(
    spans: InMemorySpanExporter,
) -> None:
    router, callee = APIRouter(), Callee()

    async with opened(spans, callee) as runtime:
        peer = runtime.peers.service("auth")

        @router.get("/order")
        async def order() -> Any:
            return await peer.get("/auth", dict, query={"user": "guest", "token": "abc"})

        await Gateway(runtime, router).get(f"/order?{SECRETS}")

    server, client = only(spans, SpanKind.SERVER), only(spans, SpanKind.CLIENT)
    assert server.attributes is not None
    assert server.attributes["url.query"] == REDACTED
    assert client.attributes is not None
    assert str(client.attributes["url.full"]).endswith("/auth?user=guest&token=REDACTED")
    assert callee.urls[0].endswith("/auth?user=guest&token=abc"), "it is sent as it is"
    recorded = [  # without their ids, in which the letters of a secret may stand by chance
        (span.name, span.status.description, dict(span.attributes or {}), span.events)
        for span in spans.get_finished_spans()
    ]
    for secret in ("abc", "4111"):
        assert secret not in str(recorded)


async def test_an_exception_makes_the_span_an_error(spans: InMemorySpanExporter) -> None:
    router = APIRouter()

    @router.get("/order")
    async def order() -> None:
        raise ZeroDivisionError

    async with opened(spans) as runtime:
        assert (await Gateway(runtime, router).get("/order")).status_code == 500

    span = only(spans, SpanKind.SERVER)
    assert span.status.status_code is StatusCode.ERROR


async def test_there_is_no_second_span_where_fastapi_makes_one(
    spans: InMemorySpanExporter,
) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    native = FastAPI(telemetry={"tracer_provider": provider, "operation_spans": False})
    native.add_middleware(ServerSpans, telemetry=Telemetry.open(GatewaySettings(), spans))

    @native.get("/order")
    async def order() -> dict[str, str]:
        return {}

    transport = httpx.ASGITransport(native)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        assert (await client.get("/order")).status_code == 200

    scope = only(spans, SpanKind.SERVER).instrumentation_scope
    assert scope is not None
    assert scope.name == "fastapi"
