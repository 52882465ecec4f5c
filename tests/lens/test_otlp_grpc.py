"""OTLP over gRPC: what the official exporters send is kept, what is not is said in its status."""

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Event
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import status_pb2
from google.rpc.error_details_pb2 import RetryInfo
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, TraceFlags, format_trace_id

from lens.domain.query import Query
from lens.routes.otlp.body import MAX_BYTES
from lens.routes.otlp.grpc_server import DETAILS, GrpcServer
from lens.store import TraceStore
from shared.serving import SECONDS
from tests.lens.made import request, trace_id
from traces.model import Kind, Status

PATIENCE = 20
RESPONSES: dict[str, type[Message]] = {
    "trace": ExportTraceServiceResponse,
    "logs": ExportLogsServiceResponse,
    "metrics": ExportMetricsServiceResponse,
}


@pytest.fixture
def server(store: TraceStore) -> Iterator[GrpcServer]:
    with closing(GrpcServer(store.intake, "127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def address(server: GrpcServer) -> str:
    return f"127.0.0.1:{server.port}"


@pytest.fixture
def channel(address: str) -> Iterator[Any]:
    with grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1)]) as channel:
        yield channel


def export(channel: Any, body: bytes, signal: str = "trace", **how: Any) -> Any:
    service = f"opentelemetry.proto.collector.{signal}.v1.{signal.capitalize()}Service"
    call = channel.unary_unary(
        f"/{service}/Export", response_deserializer=RESPONSES[signal].FromString
    )
    return call(body, timeout=PATIENCE, **how)


def refused(channel: Any, body: bytes, **how: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        export(channel, body, **how)
    return caught.value


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
async def test_the_official_exporter_finds_all_of_its_span_again(
    store: TraceStore, address: str, compression: Any
) -> None:
    provider = TracerProvider(resource=Resource({"service.name": "bakery", "shelf": 3}))
    exporter = OTLPSpanExporter(address, insecure=True, timeout=PATIENCE, compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    other = SpanContext(7, 9, is_remote=True, trace_flags=TraceFlags(1))
    with provider.get_tracer("oven", "2").start_as_current_span(
        "bake", kind=SpanKind.CONSUMER, links=[Link(other, {"why": "queue"})]
    ) as baking:
        baking.set_attributes({"loaves": 12, "warm": True, "kinds": ["rye", "spelt"]})
        baking.add_event("risen", {"by": 2.5})
        baking.set_status(StatusCode.ERROR, "no gas")
    provider.shutdown()

    await store.flushed()
    trace = await store.trace(format_trace_id(baking.get_span_context().trace_id))
    assert trace is not None
    (span,) = trace.spans
    assert (span.service, span.name, span.kind) == ("bakery", "bake", Kind.CONSUMER)
    assert (span.status, span.status_message) == (Status.ERROR, "no gas")
    assert span.attributes == {"loaves": 12, "warm": True, "kinds": ["rye", "spelt"]}
    assert span.resource == {"service.name": "bakery", "shelf": 3}
    assert [(one.name, one.attributes) for one in span.events] == [("risen", {"by": 2.5})]
    assert [(one.trace_id, one.attributes) for one in span.links] == [
        (trace_id(7), {"why": "queue"})
    ]
    assert (span.scope, span.scope_version) == ("oven", "2")


async def test_log_records_of_the_official_exporter_are_kept(
    store: TraceStore, address: str
) -> None:
    provider = LoggerProvider(resource=Resource({"service.name": "bakery"}))
    exporter = OTLPLogExporter(address, insecure=True, timeout=PATIENCE)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.get_logger("oven").emit(body="the oven is cold")
    provider.shutdown()
    await store.flushed()
    assert (await store.stats())["logs"] == 1


async def test_metrics_are_counted_and_the_sender_is_told_that_they_are_not_kept(
    store: TraceStore, address: str, channel: Any
) -> None:
    exporter = OTLPMetricExporter(address, insecure=True, timeout=PATIENCE)
    provider = MeterProvider([PeriodicExportingMetricReader(exporter)])
    provider.get_meter("oven").create_counter("loaves").add(3)
    provider.shutdown()
    assert (await store.stats())["metrics"] == 1

    message = ExportMetricsServiceRequest()
    metric = message.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
    metric.gauge.data_points.add().as_int = 1
    partial = export(channel, message.SerializeToString(), "metrics").partial_success
    assert partial.rejected_data_points == 1
    assert "metrics are not kept, but for their exemplars" in partial.error_message
    assert not export(channel, b"", "metrics").HasField("partial_success")


async def test_a_span_that_is_rejected_is_named_and_the_others_are_kept(
    store: TraceStore, channel: Any
) -> None:
    message = request(3)
    message.resource_spans[0].scope_spans[0].spans[1].trace_id = b"short"
    partial = export(channel, message.SerializeToString()).partial_success
    assert partial.rejected_spans == 1
    assert "has 5 bytes: 16 bytes are wanted" in partial.error_message
    await store.flushed()
    assert len(await store.search(Query())) == 2


@pytest.mark.parametrize("signal", list(RESPONSES))
def test_what_is_no_otlp_is_an_invalid_argument(
    store: TraceStore, channel: Any, signal: str
) -> None:
    for body in (b"\xff\xff", b"{}", b"\n\x05shor"):
        error = refused(channel, body, signal=signal)
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "not the protobuf of OTLP" in error.details()
    assert store.intake.counts()["OTLP/gRPC"].refused == 3


@pytest.mark.parametrize("how", [{}, {"compression": grpc.Compression.Gzip}])
def test_a_message_larger_than_the_limit_is_refused_also_when_it_is_small_on_the_wire(
    store: TraceStore, channel: Any, how: dict[str, Any]
) -> None:
    body = request(1, attributes={"noise": "x" * MAX_BYTES}).SerializeToString()
    assert len(gzip.compress(body)) < 100_000
    error = refused(channel, body, **how)
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(MAX_BYTES) in error.details()


def test_a_sender_is_told_when_to_come_again_while_lens_is_full(
    store: TraceStore, channel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(store.intake), "full", True)
    error = refused(channel, request().SerializeToString())
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    details = status_pb2.Status.FromString(dict(error.trailing_metadata())[DETAILS])
    retry = RetryInfo()
    assert details.details[0].Unpack(retry)
    assert (details.code, details.message) == (14, error.details())
    assert retry.retry_delay.ToTimedelta().total_seconds() == 1


def test_other_services_are_not_there(channel: Any) -> None:
    call = channel.unary_unary("/jaeger.api_v2.CollectorService/PostSpans")
    with pytest.raises(grpc.RpcError) as caught:
        call(b"", timeout=PATIENCE)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_port_that_another_has_is_named(store: TraceStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port} cannot be listened on"):
            GrpcServer(store.intake, "127.0.0.1", port)
    with (
        closing(GrpcServer(store.intake, "127.0.0.1", 0)) as first,
        pytest.raises(OSError, match="another program may have it"),
    ):
        GrpcServer(store.intake, "127.0.0.1", first.port)


def stalled(address: str, channel: Any) -> Any:
    """A call whose header has come, and whose message does not."""
    never = Event()

    def messages() -> Iterator[bytes]:
        never.wait(PATIENCE)
        yield from ()

    service = "opentelemetry.proto.collector.trace.v1.TraceService"
    return never, channel.stream_unary(f"/{service}/Export").future(messages(), timeout=PATIENCE)


def test_a_message_that_does_not_come_is_given_up_and_others_are_taken_meanwhile(
    server: GrpcServer, address: str, channel: Any
) -> None:
    never, call = stalled(address, channel)
    while not server.arrivals.waiting:
        time.sleep(0.01)

    server.arrivals.cancel_late(time.monotonic() + SECONDS - 1)
    export(channel, request().SerializeToString())
    assert not call.done()

    server.arrivals.cancel_late(time.monotonic() + SECONDS + 1)
    with pytest.raises(grpc.RpcError) as caught:
        call.result()
    never.set()
    assert caught.value.code() is grpc.StatusCode.CANCELLED
    end = time.monotonic() + PATIENCE
    while server.arrivals.waiting and time.monotonic() < end:
        time.sleep(0.01)
    assert server.arrivals.waiting == 0
