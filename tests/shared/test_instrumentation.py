"""ACME_INSTRUMENTATION: whoever makes the spans of requests, calls and stores, makes them once."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from pymongo import monitoring
from pymongo.monitoring import CommandStartedEvent, CommandSucceededEvent
from starlette.background import BackgroundTask

from shared import instrumentation
from shared.errors import DeadlineExceeded, SettingError
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import OrdersSettings, settings_for
from shared.telemetry import logs
from shared.telemetry.current import with_telemetry
from shared.telemetry.decorator import Trace
from shared.telemetry.provider import Telemetry
from shared.telemetry.suppression import suppress_instrumentation
from tests.e2e.sink import sink
from tests.inprocess import InItsContext

SPANS = ("manual", "native", "auto")
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SERVER_SCOPES = {
    "manual": "acmeshop",
    "native": "fastapi",
    "auto": "opentelemetry.instrumentation.fastapi",
}


class Callee(httpx.AsyncBaseTransport):
    """Keeps the headers it was sent, and answers with an empty object."""

    def __init__(self) -> None:
        self.headers = httpx.Headers()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.headers = request.headers
        if request.url.path == "/slow":
            await asyncio.Event().wait()
        return httpx.Response(200, json={}, request=request)


class Orders:
    """Orders with some routes, whom it calls, and its spans."""

    def __init__(self, runtime: Runtime[OrdersSettings], callee: Callee) -> None:
        self.runtime = runtime
        self.callee, self.peer = callee, runtime.peers.service("cart")
        self.documents = runtime.stores.documents("orders", "user")
        self.app = InItsContext(create_service("orders", runtime, self.routes()), runtime)

    def routes(self) -> APIRouter:
        router = APIRouter()

        @router.get("/order/{order_id}")
        async def order(order_id: str) -> Any:
            await self.documents.get(order_id)
            query = {"page": "2", "token": "abc"}
            return await self.peer.get("/carts/{user_id}", dict, user_id="eric", query=query)

        @router.get("/pictures/{name}.svg")
        @Trace(disable_tracing=True)
        async def picture(name: str) -> Any:
            with trace.get_tracer(__name__).start_as_current_span(f"draw {name}"):
                return await self.peer.get("/carts/{user_id}", dict, user_id="eric")

        @router.get("/broken")
        async def broken() -> None:
            raise ZeroDivisionError

        return router

    async def get(self, path: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://orders.test") as client:
            return await client.get(path, headers=headers)


@asynccontextmanager
async def opened(
    spans: InMemorySpanExporter, path: Path, who: str, **more: str
) -> AsyncIterator[Orders]:
    environ = {"ACME_INSTRUMENTATION": who, "ACME_DATA": str(path), **more}
    settings, callee = OrdersSettings.read(environ), Callee()
    async with Runtime.open(settings, transport=callee, exporter=spans) as runtime:
        yield Orders(runtime, callee)


@pytest.mark.parametrize("who", SPANS)
async def test_a_request_a_call_and_a_statement_have_one_span_each(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        response = await orders.get("/order/12345", traceparent=TRACEPARENT, baggage="a=b")

    assert orders.callee.headers["baggage"] == "a=b"
    made = [span for span in spans.get_finished_spans() if span.kind is not SpanKind.INTERNAL]
    statement, call, server = sorted(made, key=lambda span: span.end_time or 0)
    assert [statement.kind, call.kind, server.kind] == [
        SpanKind.CLIENT,
        SpanKind.CLIENT,
        SpanKind.SERVER,
    ]
    assert server.instrumentation_scope is not None
    assert server.instrumentation_scope.name == SERVER_SCOPES[who]
    assert (server.name, server.parent and f"{server.parent.span_id:016x}") == (
        "GET /order/{order_id}",
        "b7ad6b7169203331",
    )
    assert call.context is not None
    assert orders.callee.headers["traceparent"].split("-")[2] == f"{call.context.span_id:016x}"
    assert server.context is not None
    assert response.headers["traceresponse"].split("-")[2] == f"{server.context.span_id:016x}"


@pytest.mark.parametrize("who", SPANS)
async def test_the_names_of_attributes_are_the_stable_ones(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        await orders.get("/order/12345")

    names = {name for span in spans.get_finished_spans() for name in span.attributes or {}}
    assert names >= {"http.request.method", "http.route", "url.full", "db.system.name"}
    assert not names & {"http.method", "http.target", "http.url", "db.system", "net.peer.name"}


@pytest.mark.parametrize("who", SPANS)
async def test_secrets_in_an_address_are_not_recorded(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        await orders.get("/order/12345?page=1&password=4111")

    attributes = [dict(span.attributes or {}) for span in spans.get_finished_spans()]
    assert {one["url.query"] for one in attributes if "url.query" in one} == {
        "page=1&password=REDACTED"
    }
    assert {one["url.full"] for one in attributes if "url.full" in one} == {
        "http://127.0.0.1:5004/carts/eric?page=2&token=REDACTED"
    }
    assert "4111" not in str(attributes)


@pytest.mark.parametrize("who", SPANS)
async def test_a_silent_route_and_a_health_check_leave_no_spans(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        assert (await orders.get("/healthz")).status_code == 200
        assert (await orders.get("/pictures/kettle.svg")).status_code == 200

    assert spans.get_finished_spans() == ()
    assert orders.callee.headers["traceparent"].endswith("-00"), "the callee is told so"


@pytest.mark.parametrize("who", SPANS)
async def test_where_instrumentation_is_suppressed_nothing_is_recorded_here_or_below(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        with suppress_instrumentation():
            await orders.peer.get("/carts/{user_id}", dict, user_id="eric")
            await orders.documents.get("12345")

    assert spans.get_finished_spans() == ()
    assert orders.callee.headers["traceparent"].endswith("-00")


@pytest.mark.parametrize("who", SPANS)
async def test_a_failure_makes_the_server_span_an_error(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who) as orders:
        assert (await orders.get("/broken")).status_code == 500

    (server,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert server.status.status_code is StatusCode.ERROR
    (event,) = server.events
    assert (event.attributes or {})["exception.type"] == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("who", "status", "kind"),
    [
        ("manual", StatusCode.ERROR, "timeout"),
        ("native", StatusCode.ERROR, "timeout"),
        ("auto", StatusCode.UNSET, None),  # a cancelled call is none to the package
    ],
)
async def test_a_deadline_that_passes_is_an_error_of_the_call_but_for_the_package(
    who: str, status: StatusCode, kind: str | None, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, who, ACME_TIMEOUT_MS="20") as orders:
        with pytest.raises(DeadlineExceeded):
            await orders.peer.get("/slow", dict)

    (call,) = spans.get_finished_spans()
    assert (call.status.status_code, (call.attributes or {}).get("error.type")) == (status, kind)


@pytest.mark.parametrize("who", SPANS)
async def test_a_log_line_is_exported_as_it_is_with_the_ids_of_its_span(
    who: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    with sink() as taking:
        environ = {
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{taking.url}/v1/logs",
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "none",
        }
        async with opened(spans, tmp_path, who, **environ) as orders:
            handler = orders.runtime.instrumentation.log_handler
            logs.configure(orders.runtime.settings, orders.runtime.telemetry, handler)
            await orders.get("/broken")

    exported = [ExportLogsServiceRequest.FromString(body) for _, body in taking.bodies]
    records = [
        record
        for one in exported
        for group in one.resource_logs
        for scoped in group.scope_logs
        for record in scoped.log_records
    ]
    (server,) = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert server.context is not None
    (record,) = [one for one in records if one.trace_id == server.context.trace_id.to_bytes(16)]
    assert record.body.string_value == "GET /broken crashed"


async def test_off_records_nothing_and_passes_the_context_on(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, "off") as orders:
        response = await orders.get("/order/12345", traceparent=TRACEPARENT, baggage="a=b")

    assert response.status_code == 200
    assert spans.get_finished_spans() == ()
    assert orders.callee.headers["traceparent"].split("-")[1:3] == TRACEPARENT.split("-")[1:3]
    assert orders.callee.headers["baggage"] == "a=b"


async def test_commands_of_mongodb_are_recorded_with_the_service_at_work(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    async with opened(spans, tmp_path, "auto") as orders:
        orders.runtime.instrumentation.mongo()
        listener = monitoring._LISTENERS.command_listeners[-1]
        place: dict[str, Any] = {
            "request_id": 1,
            "connection_id": ("db.test", 27017),
            "operation_id": 1,
        }
        find, took = {"find": "orders", "filter": {}}, timedelta(milliseconds=1)
        token = attach(with_telemetry(orders.runtime.telemetry))
        listener.started(CommandStartedEvent(find, "shop", **place))
        listener.succeeded(CommandSucceededEvent(took, {}, "find", **place, database_name="shop"))
        detach(token)

    (span,) = spans.get_finished_spans()
    assert span.kind is SpanKind.CLIENT
    assert (span.attributes or {})["db.collection.name"] == "orders"
    listener.started(CommandStartedEvent(find, "shop", **place))
    assert not listener._span_dict, "it ends with the service"


async def test_what_the_packages_did_to_the_process_is_taken_back(
    tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    before = BackgroundTask.__call__

    async with opened(spans, tmp_path, "auto"):
        assert BackgroundTask.__call__ is not before

    assert BackgroundTask.__call__ is before


def test_a_package_that_is_missing_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "shared.instrumentation.auto", raising=False)
    monkeypatch.delattr(instrumentation, "auto", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.redis", None)
    settings = settings_for("orders", {"ACME_INSTRUMENTATION": "auto"})

    with pytest.raises(SettingError) as raised:
        instrumentation.chosen(settings, Telemetry.open(settings, InMemorySpanExporter()))

    assert str(raised.value) == (
        "ACME_INSTRUMENTATION=auto cannot be used: opentelemetry.instrumentation.redis is not "
        "installed; `make extras` adds it, or pip install '.[auto]'"
    )


@pytest.mark.parametrize("text", ["automatic", "none", "opentelemetry-instrument"])
def test_another_word_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="manual, native, auto or off"):
        settings_for("orders", {"ACME_INSTRUMENTATION": text})


def test_the_packages_are_imported_for_auto_alone() -> None:
    program = (
        "import sys, acme.serve, shared.service, shared.stores.redis;"
        "print([m for m in sys.modules if m.startswith('opentelemetry.instrumentation')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
