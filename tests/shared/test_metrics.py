"""What a service measures and how that leaves it: over OTLP, or on its page /metrics."""

import asyncio
import gzip
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from socket import create_server
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from opentelemetry import metrics
from opentelemetry.context import attach, detach
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.sdk.metrics.export import MetricsData, NumberDataPoint
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracer
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from shared.errors import Conflict, ShopError, Unavailable, UpstreamError
from shared.http import Breaker, Peer
from shared.runtime import Runtime
from shared.service import create_service
from shared.settings import settings_for
from shared.stores.redis import Keys
from shared.stores.sqlite import SqliteDocuments
from shared.telemetry import global_providers
from shared.telemetry.current import with_telemetry
from shared.telemetry.decorator import Trace
from shared.telemetry.export import QueuedSpanProcessor
from shared.telemetry.provider import Telemetry
from shared.telemetry.sdk_exporters import FirstOfMany
from tests.shared.test_export import Backend, until
from tests.shared.test_http import Script, answering, hang, hang_up, peer_that, truncate

OPENMETRICS = {"accept": "application/openmetrics-text; version=1.0.0"}

orders = metrics.get_meter(__name__).create_counter("acmeshop.test.orders", "{order}")


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def collector() -> Iterator[Backend]:
    with closing(Backend()) as backend:
        yield backend


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/orders/{order_id}")
    async def read_order(order_id: str) -> dict[str, str]:
        orders.add(1, {"kind": "read"})
        return {"id": order_id}

    @router.get("/conflicts/{order_id}")
    async def conflict(order_id: str) -> None:
        raise Conflict(order_id)

    @router.get("/outages/{order_id}")
    async def outage(order_id: str) -> None:
        raise Unavailable(order_id)

    @router.get("/bugs/{order_id}")
    async def bug(order_id: str) -> None:
        raise ZeroDivisionError(order_id)

    @router.get("/silent/{order_id}")
    @Trace(disable_tracing=True)
    async def silent(order_id: str) -> dict[str, str]:
        return {"id": order_id}

    return router


@asynccontextmanager
async def serving(
    spans: InMemorySpanExporter, **environ: str
) -> AsyncIterator[tuple[httpx.AsyncClient, Runtime]]:
    global_providers.install()
    settings = settings_for("orders", environ)
    async with Runtime.open(settings, exporter=spans) as runtime:
        app = create_service("orders", runtime, routes())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://orders.test") as client:
            yield client, runtime


def points(runtime: Runtime, name: str) -> list[Any]:
    """The points of one metric that is pulled."""
    assert runtime.telemetry.metrics.collect is not None
    return [
        point
        for resource in runtime.telemetry.metrics.collect().resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
    ]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/7?secret=1", ("GET", "/orders/{order_id}", 200, None)),
        ("GET", "/conflicts/7", ("GET", "/conflicts/{order_id}", 409, None)),
        ("GET", "/outages/7", ("GET", "/outages/{order_id}", 503, "503")),
        ("GET", "/bugs/7", ("GET", "/bugs/{order_id}", 500, "500")),
        ("GET", "/silent/7", ("GET", "/silent/{order_id}", 200, None)),
        ("GET", "/elsewhere/7", ("GET", None, 404, None)),
        ("BREW", "/elsewhere/7", ("_OTHER", None, 404, None)),
    ],
)
async def test_a_request_is_measured_by_its_route(
    spans: InMemorySpanExporter, method: str, path: str, expected: tuple[Any, ...]
) -> None:
    async with serving(spans) as (client, runtime):
        await client.request(method, path)
        (point,) = points(runtime, "http.server.request.duration")
    keys = ("http.request.method", "http.route", "http.response.status_code", "error.type")
    assert tuple(map(point.attributes.get, keys)) == expected
    assert point.attributes.keys() - {*keys} == {"url.scheme"}
    assert point.count == 1


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_health_checks_and_scrapes_are_neither_measured_nor_traced(
    spans: InMemorySpanExporter, path: str
) -> None:
    async with serving(spans) as (client, runtime):
        assert (await client.get(path)).status_code == 200
        assert points(runtime, "http.server.request.duration") == []
    assert spans.get_finished_spans() == ()


async def test_requests_are_measured_whether_or_not_they_are_sampled(
    spans: InMemorySpanExporter,
) -> None:
    async with serving(spans, OTEL_TRACES_SAMPLER="always_off") as (client, runtime):
        await client.get("/orders/7")
        (point,) = points(runtime, "http.server.request.duration")
    assert (point.count, point.exemplars) == (1, [])


async def test_the_page_has_exemplars_with_the_ids_of_traces(spans: InMemorySpanExporter) -> None:
    async with serving(spans) as (client, _):
        await client.get("/orders/7")
        page = await client.get("/metrics", headers=OPENMETRICS)
    (span,) = spans.get_finished_spans()
    assert span.context is not None
    assert page.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    parsed = text_string_to_metric_families(page.text)  # type: ignore[no-untyped-call]
    families = {family.name: family for family in parsed}
    for name in ("http_server_request_duration_seconds", "acmeshop_test_orders"):
        (exemplar,) = [one.exemplar for one in families[name].samples if one.exemplar]
        assert exemplar.labels == {
            "trace_id": f"{span.context.trace_id:032x}",
            "span_id": f"{span.context.span_id:016x}",
        }
    (target,) = families["target"].samples
    assert target.labels["service_name"] == "orders"


async def test_without_openmetrics_the_page_is_plain_text(
    spans: InMemorySpanExporter,
) -> None:
    async with serving(spans) as (client, _):
        await client.get("/orders/7")
        page = await client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert (
        'http_server_request_duration_seconds_count{http_request_method="GET",'
        'http_response_status_code="200",http_route="/orders/{order_id}",url_scheme="http"} 1.0'
    ) in page.text.splitlines()


async def test_services_that_share_a_process_have_metrics_of_their_own(
    spans: InMemorySpanExporter,
) -> None:
    async with serving(spans) as (one, first), serving(spans) as (_, second):
        await one.get("/orders/7")
        for name in ("http.server.request.duration", "acmeshop.test.orders"):
            assert len(points(first, name)) == 1
            assert points(second, name) == []


@pytest.mark.parametrize(
    "environ",
    [{"ACME_METRICS": "off"}, {"OTEL_METRICS_EXPORTER": "none"}, {"OTEL_SDK_DISABLED": "true"}],
    ids=str,
)
async def test_metrics_that_are_off_cost_nothing_and_leave_nothing(
    spans: InMemorySpanExporter, environ: dict[str, str]
) -> None:
    async with serving(spans, **environ) as (client, runtime):
        assert (await client.get("/orders/7")).status_code == 200
        assert (await client.get("/metrics")).status_code == 404
        assert (runtime.telemetry.metrics.red, runtime.telemetry.metrics.collect) == (None, None)


@pytest.mark.parametrize(
    "script",
    [
        answering("200 OK", b'{"id": "7"}'),
        answering("404 Not Found"),
        answering("503 Service Unavailable"),
        answering("200 OK", b"[]"),
        hang,
        hang_up,
        truncate,
    ],
    ids=["success", "missing", "outage", "another shape", "timeout", "hung up", "cut off"],
)
async def test_a_call_is_measured_as_its_span_describes_it(
    spans: InMemorySpanExporter, script: Script
) -> None:
    async with peer_that(script, spans, timeout=0.5) as peer:
        with suppress(ShopError):
            await peer.get("/order/{order_id}", dict, query={"user": "ann"}, order_id="7")
        (point,) = called(peer)
    (span,) = spans.get_finished_spans()
    attributes = dict(span.attributes or {})
    kept = {"url.scheme": "http"} | {
        name: attributes[name]
        for name in (
            "http.request.method",
            "server.address",
            "server.port",
            "url.template",
            "http.response.status_code",
            "error.type",
        )
        if name in attributes
    }
    assert point.attributes == kept
    assert [one.span_id for one in point.exemplars] == [span.context.span_id]


async def test_each_attempt_of_a_call_is_measured(spans: InMemorySpanExporter) -> None:
    async with peer_that(answering("503 Service Unavailable"), spans) as peer:
        with suppress(UpstreamError):
            await peer.get("/order/{order_id}", dict, attempts=3, order_id="7")
        (point,) = called(peer)
    assert point.count == 3


async def test_a_call_that_its_caller_gave_up_is_measured_and_one_not_made_is_not(
    spans: InMemorySpanExporter,
) -> None:
    breaker = Breaker(failures=1, seconds=3600)
    async with peer_that(hang, spans, breaker=breaker) as peer:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await peer.get("/order/{order_id}", dict, order_id="7")
        (point,) = called(peer)
    assert point.attributes["error.type"] == "CancelledError"
    async with peer_that(answering("503 Service Unavailable"), spans, breaker=breaker) as peer:
        for _ in range(3):
            with suppress(ShopError):
                await peer.get("/order/{order_id}", dict, order_id="7")
        (point,) = called(peer)
    assert point.count == 1, "the breaker is open after that"


def called(peer: Peer) -> list[Any]:
    """The points of the calls of one peer."""
    assert peer._durations is not None
    metric = peer._durations.collect(1)
    return list(metric.data.data_points) if metric else []


@asynccontextmanager
async def opened(documents: SqliteDocuments) -> AsyncIterator[SqliteDocuments]:
    try:
        yield documents
    finally:
        await documents.close()


async def in_service(runtime: Runtime, work: Callable[[], Awaitable[Any]]) -> None:
    """Does the work as a request of the service would, whatever comes of it."""
    token = attach(with_telemetry(runtime.telemetry))
    try:
        with suppress(Unavailable):
            await work()
    finally:
        detach(token)


async def test_an_operation_of_a_database_is_measured(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with serving(spans) as (_, runtime):
        path, tracer = tmp_path / "orders.sqlite", runtime.telemetry.tracer
        async with opened(SqliteDocuments(path, "orders", ("state",), tracer)) as documents:
            await in_service(runtime, lambda: documents.get("7"))
            await in_service(runtime, lambda: documents.put("7", {"state": "placed"}))
        found = points(runtime, "db.client.operation.duration")
    fixed = {
        "db.system.name": "sqlite",
        "db.namespace": "orders",
        "db.collection.name": "orders",
    }
    assert [point.attributes for point in found] == [
        {**fixed, "db.operation.name": "SELECT"},
        {**fixed, "db.operation.name": "INSERT"},
    ]
    ids = {span.context.span_id for span in spans.get_finished_spans() if span.context}
    assert {one.span_id for point in found for one in point.exemplars} <= ids


async def test_an_operation_of_a_database_that_fails_names_the_error(
    spans: InMemorySpanExporter,
) -> None:
    with closing(create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    async with serving(spans) as (_, runtime):
        keys = Keys.connect(f"redis://127.0.0.1:{port}", runtime.telemetry.tracer, 5.0)
        await in_service(runtime, lambda: keys.run("GET", "cart", lambda redis: redis.get("7")))
        await keys.close()
        (point,) = points(runtime, "db.client.operation.duration")
    assert point.attributes == {
        "db.system.name": "redis",
        "db.namespace": "0",
        "db.operation.name": "GET",
        "db.query.summary": "GET cart",
        "server.address": "127.0.0.1",
        "server.port": port,
        "error.type": "ConnectionError",
    }


async def test_the_store_of_a_simulated_third_party_is_not_measured(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with serving(spans) as (_, runtime):
        path = tmp_path / "bank.sqlite"
        async with opened(SqliteDocuments(path, "charges", (), NoOpTracer())) as documents:
            await in_service(runtime, lambda: documents.get("7"))
        assert points(runtime, "db.client.operation.duration") == []


def test_queued_and_dropped_spans_are_counted(collector: Backend) -> None:
    collector.open.clear()
    environ = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url,
        "OTEL_BSP_MAX_QUEUE_SIZE": "3",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "1",
    }
    telemetry = Telemetry.open(settings_for("orders", environ))
    assert isinstance(telemetry.span_processor, QueuedSpanProcessor)
    queue, collect = telemetry.span_processor.queue, telemetry.metrics.collect
    assert collect is not None
    with closing(telemetry):
        telemetry.tracer.start_span("first").end()
        until(lambda: collector.connections == 1 and queue.waiting == 0)
        for _ in range(5):
            telemetry.tracer.start_span("next").end()
        waiting = values(collect())
        collector.open.set()
        until(lambda: queue.exported == 4)
        after = values(collect())
    assert waiting == {
        ("otel.sdk.processor.span.processed", None): 0,
        ("otel.sdk.processor.span.processed", "queue_full"): 2,
        ("otel.sdk.exporter.span.exported", None): 0,
        ("otel.sdk.exporter.span.exported", "rejected"): 0,
        ("otel.sdk.processor.span.queue.size", None): 3,
        ("otel.sdk.processor.span.queue.capacity", None): 3,
    }
    assert after["otel.sdk.processor.span.processed", None] == 4
    assert after["otel.sdk.exporter.span.exported", None] == 4
    assert after["otel.sdk.processor.span.queue.size", None] == 0


def test_spans_that_the_backend_did_not_take_are_counted(collector: Backend) -> None:
    collector.status = 400
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url}
    telemetry = Telemetry.open(settings_for("orders", environ))
    collect = telemetry.metrics.collect
    assert collect is not None
    with closing(telemetry):
        for _ in range(3):
            telemetry.tracer.start_span("refused").end()
        assert telemetry.span_processor.force_flush()
        after = values(collect())
    assert after["otel.sdk.exporter.span.exported", "rejected"] == 3
    assert after["otel.sdk.processor.span.processed", None] == 3
    assert after["otel.sdk.processor.span.processed", "queue_full"] == 0


def values(data: MetricsData) -> dict[tuple[str, Any], Any]:
    """What is measured of the export, by metric and `error.type`."""
    return {
        (metric.name, point.attributes.get("error.type")): point.value
        for scope in data.resource_metrics[0].scope_metrics
        for metric in scope.metrics
        if metric.name.startswith("otel.")
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint) and point.attributes is not None
    }


def exported(body: bytes) -> dict[str, Any]:
    """The metrics of an OTLP request by name."""
    return {
        metric.name: metric
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def texts(attributes: "list[KeyValue]") -> dict[str, str]:
    return {one.key: one.value.string_value for one in attributes}


async def test_over_otlp_points_carry_the_ids_of_exported_spans(
    spans: InMemorySpanExporter, collector: Backend
) -> None:
    environ = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.url}
    async with serving(spans, **environ) as (client, _):
        await client.get("/orders/7")
        await client.get("/elsewhere")
        assert (await client.get("/metrics")).status_code == 404, "they are pushed"
    (body,) = collector.bodies
    (resource,) = ExportMetricsServiceRequest.FromString(body).resource_metrics
    assert texts(list(resource.resource.attributes))["service.name"] == "orders"
    found = exported(body)
    read, _ = spans.get_finished_spans()
    assert read.context is not None
    histogram = found["http.server.request.duration"].histogram
    read_order, missing = histogram.data_points
    assert texts(read_order.attributes)["http.route"] == "/orders/{order_id}"
    assert list(read_order.explicit_bounds)[:3] == [0.005, 0.01, 0.025]
    (counted,) = found["acmeshop.test.orders"].sum.data_points
    for point in (read_order, counted):
        (exemplar,) = point.exemplars
        assert exemplar.trace_id == read.context.trace_id.to_bytes(16, "big")
        assert exemplar.span_id == read.context.span_id.to_bytes(8, "big")
    assert "http.route" not in texts(missing.attributes)


async def test_metrics_are_exported_again_and_again(
    spans: InMemorySpanExporter, collector: Backend
) -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": collector.url,
        "OTEL_METRIC_EXPORT_INTERVAL": "10",
    }
    async with serving(spans, **environ) as (client, _):
        await client.get("/orders/7")
        until(lambda: len(collector.bodies) > 2)
    (point,) = exported(collector.bodies[-1])["http.server.request.duration"].histogram.data_points
    assert point.count == 1, "cumulative"


async def test_a_backend_that_is_unavailable_is_reported_once_and_so_is_its_return(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(Backend()) as first:
        port = first.port
    environ = {
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{port}/v1/metrics",
        "OTEL_METRIC_EXPORT_INTERVAL": "5",
    }

    def lines() -> list[str]:
        return [one.getMessage() for one in caplog.records if "metric" in one.getMessage()]

    async with serving(spans, **environ) as (client, runtime):
        await client.get("/orders/7")
        until(lambda: len(lines()) == 1)
        for _ in range(5):
            runtime.telemetry.meter_provider.force_flush()  # type: ignore[attr-defined]
        assert len(lines()) == 1
        with closing(Backend(port)) as second:
            until(lambda: len(lines()) == 2)
            assert "http.server.request.duration" in exported(second.bodies[0])
    unavailable, available = lines()[:2]
    url = environ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]
    what = "is unavailable, and the next export has all metrics"
    assert unavailable == f"{url} {what}: Connection refused"
    assert available.startswith(f"{url} takes telemetry again after ")


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
async def test_the_exporters_of_the_sdk_report_it_once_as_well(
    spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture, protocol: str
) -> None:
    with closing(create_server(("127.0.0.1", 0))) as nobody:
        port = nobody.getsockname()[1]
    environ = {
        "ACME_EXPORTER": "sdk",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{port}/v1/metrics",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "100",
    }
    async with serving(spans, **environ) as (client, runtime):
        await client.get("/orders/7")
        for _ in range(3):
            runtime.telemetry.meter_provider.force_flush()  # type: ignore[attr-defined]
    lines = [one for one in caplog.records if one.name.startswith("opentelemetry.exporter")]
    assert len(lines) == 1


def test_after_a_while_without_a_record_the_next_one_passes() -> None:
    first_of_many, record = FirstOfMany(), logging.makeLogRecord({})
    passed = []
    for seconds in (1_000, 1_060, 1_119, 1_300):
        record.created = seconds
        passed.append(first_of_many.filter(record))
    assert passed == [True, False, False, True]


async def test_a_backend_that_hangs_holds_up_neither_requests_nor_the_end(
    spans: InMemorySpanExporter,
) -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/v1/metrics"
        environ = {
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": url,
            "OTEL_METRIC_EXPORT_INTERVAL": "5",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "600000",  # so long it would all take
        }
        before = set(threading.enumerate())
        async with serving(spans, **environ) as (client, _):
            connection, _ = mute.accept()  # an export has begun, and is never answered
            assert (await client.get("/orders/7")).status_code == 200
        assert set(threading.enumerate()) > before, "the export is still waiting"
        connection.close()
    until(lambda: set(threading.enumerate()) <= before)


async def test_metrics_go_where_the_settings_say(
    spans: InMemorySpanExporter, collector: Backend
) -> None:
    environ = {
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": f"http://127.0.0.1:{collector.port}/mine",
        "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "x-key=1",
        "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION": "gzip",
    }
    async with serving(spans, **environ) as (client, _):
        await client.get("/orders/7")

    assert collector.headers[0]["x-key"] == "1"
    assert b"http.server.request.duration" in gzip.decompress(collector.bodies[-1])


async def test_metrics_can_go_to_the_console(
    spans: InMemorySpanExporter, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(spans, OTEL_METRICS_EXPORTER="console") as (client, _):
        await client.get("/orders/7")

    [line] = capsys.readouterr().out.splitlines()
    assert "http.server.request.duration" in line


async def test_there_are_no_exemplars_where_none_are_wanted(spans: InMemorySpanExporter) -> None:
    async with serving(spans, OTEL_METRICS_EXEMPLAR_FILTER="always_off") as (client, runtime):
        await client.get("/orders/7")
        [request] = points(runtime, "http.server.request.duration")
        [order] = points(runtime, "acmeshop.test.orders")
        assert [*request.exemplars, *order.exemplars] == []
