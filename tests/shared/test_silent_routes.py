"""`@Trace` on the handlers of routes, and what `disable_tracing` means there."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.middleware import Middleware

from shared.errors import NotFound
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import AuthSettings, GatewaySettings
from shared.telemetry.decorator import Trace
from shared.telemetry.server import ServerSpans

TRACE, ABOVE = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{ABOVE}-01"


class Callee(httpx.AsyncBaseTransport):
    """Answers every call and keeps the headers it came with."""

    def __init__(self) -> None:
        self.headers: list[httpx.Headers] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.headers.append(request.headers)
        return httpx.Response(200, json={"id": "guest"}, request=request)


class Gateway(httpx.AsyncClient):
    """A gateway with two routes that are traced and some that are silent; `spans` by name."""

    def __init__(self, runtime: Runtime, callee: Callee, exporter: InMemorySpanExporter) -> None:
        self.app, self.callee, self._exporter = create_app(runtime), callee, exporter
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url="http://gateway.test")

    @property
    def spans(self) -> list[str]:
        return [span.name for span in self._exporter.get_finished_spans()]


@Trace
async def work(peer: Any) -> Any:
    return await peer.get("/auth", dict)


def create_app(runtime: Runtime) -> FastAPI:
    peer, router = runtime.peers.service("auth"), APIRouter()

    @router.get("/loud/{item_id}")
    @Trace
    async def loud(item_id: int, size: "Annotated[int, Query(ge=1)]" = 1) -> dict[str, Any]:
        return {"item_id": item_id, "size": size, **await work(peer)}

    @router.get("/quiet/{item_id}")
    @Trace(disable_tracing=True)
    async def quiet(item_id: int) -> Any:
        if item_id == 0:
            raise NotFound("0 is not there")
        return await work(peer)

    @router.post("/quiet/{item_id}")
    async def loud_post(item_id: int) -> Any:
        return await work(peer)

    @router.get("/quiet/{item_id}/details")
    async def loud_details(item_id: int) -> Any:
        return await work(peer)

    @router.get("/first/{anything}")
    async def first() -> Any:
        return await work(peer)

    @router.get("/first/taken")
    @Trace(disable_tracing=True)
    async def never_reached() -> None: ...

    return create_service("gateway", runtime, router)


@asynccontextmanager
async def gateway_with(**environ: str) -> AsyncIterator[Gateway]:
    callee, exporter = Callee(), InMemorySpanExporter()
    async with AsyncExitStack() as stack:
        settings = GatewaySettings.read(environ)
        opened = Runtime.open(settings, transport=callee, exporter=exporter)
        runtime = await stack.enter_async_context(opened)
        yield await stack.enter_async_context(Gateway(runtime, callee, exporter))


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with gateway_with() as opened:
        yield opened


async def test_a_traced_handler_still_has_its_parameters(gateway: Gateway) -> None:
    response = await gateway.get("/loud/7?size=2")
    assert response.json() == {"item_id": 7, "size": 2, "id": "guest"}
    assert (await gateway.get("/loud/seven")).json()["detail"].startswith("item_id:")
    assert (await gateway.get("/loud/7?size=0")).json()["detail"].startswith("size:")


async def test_what_is_traced_belongs_to_the_service_that_handles_the_request(
    gateway: Gateway,
) -> None:
    await gateway.get("/loud/7")
    assert gateway.spans == ["GET /auth", "work", "loud", "GET /loud/{item_id}"]


async def test_a_silent_handler_has_no_span_at_all(gateway: Gateway) -> None:
    response = await gateway.get("/quiet/7")
    assert response.json() == {"id": "guest"}
    assert gateway.spans == []
    assert "traceresponse" not in response.headers


@pytest.mark.parametrize("sampler", ["always_on", "traceidratio", "rate_limiting", "adaptive"])
async def test_silence_does_not_depend_on_the_sampler(sampler: str) -> None:
    async with gateway_with(OTEL_TRACES_SAMPLER=sampler) as gateway:
        await gateway.get("/quiet/7", headers={"traceparent": TRACEPARENT})
        assert gateway.spans == []
        await gateway.get("/loud/7")
        assert "work" in gateway.spans


@pytest.mark.parametrize(
    ("formats", "header", "end"),
    [
        ("tracecontext", "traceparent", "-00"),
        ("b3", "b3", "-0"),
        ("b3multi", "x-b3-sampled", "0"),
        ("jaeger", "uber-trace-id", ":00"),
    ],
)
async def test_silence_goes_out_with_every_call(formats: str, header: str, end: str) -> None:
    async with gateway_with(OTEL_PROPAGATORS=formats) as gateway:
        await gateway.get("/quiet/7")
        assert gateway.callee.headers[0][header].endswith(end)


async def test_silence_keeps_the_trace_of_the_caller(gateway: Gateway) -> None:
    await gateway.get("/quiet/7", headers={"traceparent": TRACEPARENT})
    _, trace, span, flags = gateway.callee.headers[0]["traceparent"].split("-")
    assert (trace, flags) == (TRACE, "00")
    assert span != ABOVE


async def test_a_service_that_is_called_in_silence_keeps_quiet_too(gateway: Gateway) -> None:
    await gateway.get("/quiet/7")
    heard = {"traceparent": gateway.callee.headers[0]["traceparent"]}
    async with gateway_with() as callee:
        await callee.get("/loud/7", headers=heard)
        assert callee.spans == []


async def test_a_silent_handler_that_fails_is_answered_and_still_silent(gateway: Gateway) -> None:
    response = await gateway.get("/quiet/0")
    assert (response.status_code, response.json()["error"]) == (404, "not_found")
    assert gateway.spans == []


async def test_silence_is_of_the_handler_and_not_of_the_path(gateway: Gateway) -> None:
    await gateway.post("/quiet/7")
    await gateway.get("/quiet/7/details")
    await gateway.get("/quiet/")
    assert gateway.spans == [
        *["GET /auth", "work", "POST /quiet/{item_id}"],
        *["GET /auth", "work", "GET /quiet/{item_id}/details"],
        "GET",
    ]


async def test_a_silent_handler_behind_another_route_silences_nothing(gateway: Gateway) -> None:
    await gateway.get("/first/taken")
    assert "GET /first/{anything}" in gateway.spans


async def test_silence_does_not_spread_to_the_next_request(gateway: Gateway) -> None:
    await gateway.get("/quiet/7")
    await gateway.get("/loud/7")
    assert gateway.spans[-1] == "GET /loud/{item_id}"


async def test_with_tracing_off_a_silent_handler_works_the_same() -> None:
    async with gateway_with(OTEL_SDK_DISABLED="true") as gateway:
        assert (await gateway.get("/quiet/7")).json() == {"id": "guest"}
        assert (await gateway.get("/loud/7")).status_code == 200


def server_spans(app: FastAPI) -> Middleware:
    (found,) = [part for part in app.user_middleware if part.cls is ServerSpans]  # type: ignore[comparison-overlap]
    return found


async def test_a_service_that_needs_no_answer_before_routing_does_not_ask(
    gateway: Gateway,
) -> None:
    async with Runtime.open(AuthSettings.read({}), exporter=InMemorySpanExporter()) as runtime:
        options = server_spans(create_service("auth", runtime, APIRouter())).kwargs
    assert (options["silent"], options["template"]) == (None, None)
    assert server_spans(gateway.app).kwargs["silent"] is not None


async def test_an_error_in_a_traced_handler_marks_handler_and_request(gateway: Gateway) -> None:
    router = APIRouter()

    @router.get("/fails")
    @Trace
    async def fails() -> None:
        raise RuntimeError("on purpose")

    gateway.app.router.routes.extend(router.routes)
    assert (await gateway.get("/fails")).status_code == 500
    spans = gateway._exporter.get_finished_spans()
    assert [(span.name, span.status.status_code) for span in spans] == [
        ("fails", StatusCode.ERROR),
        ("GET /fails", StatusCode.ERROR),
    ]
