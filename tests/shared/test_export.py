"""Export: the queue, batches and retries, and the backend's side of it."""

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import create_server
from typing import Any

import grpc
import pytest
from opentelemetry import context as otel
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from shared.settings import OrdersSettings, TelemetrySettings
from shared.settings.otlp import OtlpVariables
from shared.telemetry.delivery import RetryingSender
from shared.telemetry.endpoint import ExportResult, Outcome
from shared.telemetry.export import (
    ExportQueue,
    OtlpSpanExporter,
    QueuedSpanProcessor,
    otlp_processor,
)
from shared.telemetry.otlp_http import OtlpHttp
from shared.telemetry.provider import Telemetry

Export = Callable[[Sequence[int]], int]
LONG = 10.0


def until(true: Callable[[], bool]) -> None:
    """Polls until it is true."""
    deadline, nothing = time.monotonic() + LONG, threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"it did not become true within {LONG:g} s"
        nothing.wait(0.002)


@contextmanager
def exporting(export: Export, *, size: int = 100, batch: int = 10) -> Iterator[ExportQueue[int]]:
    queue = ExportQueue("spans", export, delay=0.005, size=size, batch=batch)
    yield queue
    queue.close(LONG)


class Exporter:
    """Takes batches, as long as it is `available`, and while it is `open`."""

    def __init__(self, *, available: bool = True) -> None:
        self.available = available
        self.open = threading.Event()
        self.open.set()
        self.attempts = 0
        self.batches: list[list[int]] = []

    def __call__(self, batch: Sequence[int]) -> int:
        self.attempts += 1
        self.open.wait(LONG)
        if not self.available:
            return 0
        self.batches.append(list(batch))
        return len(batch)

    @property
    def exported(self) -> list[int]:
        return [item for batch in self.batches for item in batch]


class Backend:
    """An OTLP backend on a real socket that answers with `status`, once `open` is set."""

    def __init__(self, port: int = 0) -> None:
        self.status, self.hang_up = 200, False
        self.open = threading.Event()
        self.open.set()
        self.bodies: list[bytes] = []
        self.headers: list[Any] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.open.wait(LONG)
                outer.headers.append(self.headers)
                outer.bodies.append(body)
                with suppress(ConnectionError):
                    self.send_response(outer.status)
                    self.send_header("content-length", "0")
                    self.end_headers()
                # Closes without announcing it, as a backend that restarts would.
                self.close_connection = outer.hang_up

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its signature
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1/traces"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(0.01))
        self._thread.start()

    def secure(self, context: ssl.SSLContext) -> None:
        """Speaks TLS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def backend() -> Iterator[Backend]:
    with closing(Backend()) as backend:
        yield backend


def in_words(items: Sequence[int]) -> bytes:
    return b" ".join(b"%d" % item for item in items)


@contextmanager
def over_http(url: str, timeout: float = LONG, size: int = 100) -> Iterator[ExportQueue[int]]:
    sender = RetryingSender(OtlpHttp(url, {"x-team": "shop"}, timeout), in_words)
    with closing(sender), exporting(sender.send, size=size) as queue:
        yield queue
        sender.stop_retrying()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_everything_arrives_in_order_and_in_batches() -> None:
    exporter = Exporter()
    with exporting(exporter) as queue:
        for number in range(95):
            queue.put(number)
        assert queue.flush(LONG)
    assert exporter.exported == list(range(95))
    assert max(map(len, exporter.batches)) == 10
    assert (queue.exported, queue.dropped) == (95, 0)


def test_what_waits_at_the_end_is_still_exported() -> None:
    exporter = Exporter()
    with exporting(exporter) as queue:
        queue.put(1)
    assert exporter.exported == [1]


def test_a_single_item_is_exported_after_the_delay_without_a_flush() -> None:
    exporter = Exporter()
    with exporting(exporter) as queue:
        queue.put(1)
        until(lambda: exporter.exported == [1])


def test_while_an_export_takes_long_memory_is_bounded_and_the_oldest_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    exporter = Exporter()
    exporter.open.clear()
    with exporting(exporter, size=20, batch=10) as queue:
        queue.put(0)
        until(lambda: exporter.attempts == 1)
        for number in range(1, 1_001):
            queue.put(number)
        assert len(queue._waiting) == 20
        assert queue.dropped == 980
        exporter.open.set()
        assert queue.flush(LONG)
    assert exporter.exported == [0, *range(981, 1_001)]
    assert (queue.exported, queue.dropped) == (21, 980)
    assert lines(caplog) == ["980 spans were dropped, 20 wait"]


def test_put_does_not_wait_for_an_export_that_hangs() -> None:
    exporter = Exporter()
    exporter.open.clear()
    with exporting(exporter, size=50) as queue:
        queue.put(0)
        until(lambda: exporter.attempts == 1)
        for number in range(1, 10_001):
            queue.put(number)
        assert not exporter.open.is_set()
        assert (exporter.attempts, exporter.exported) == (1, [])
        exporter.open.set()
    assert exporter.exported == [0, *range(9_951, 10_001)]


def test_a_batch_that_fails_is_dropped_and_counted() -> None:
    exporter = Exporter(available=False)
    with exporting(exporter) as queue:
        queue.put(1)
        assert queue.flush(LONG)
    assert (exporter.attempts, queue.dropped) == (1, 1)


def test_a_batch_that_cannot_be_encoded_does_not_stop_the_next_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    exporter = Exporter()

    def export(batch: Sequence[int]) -> int:
        if 13 in batch:
            raise ZeroDivisionError
        return exporter(batch)

    with exporting(export) as queue:
        for number in (13, 14):
            queue.put(number)
            assert queue.flush(LONG)
    assert exporter.exported == [14]
    assert queue.dropped == 1
    assert lines(caplog) == [
        "1 spans could not be exported and are dropped",
        "1 spans were dropped, 0 wait",
    ]


def test_many_threads_can_put_while_the_oldest_are_dropped() -> None:
    exporter = Exporter()
    with exporting(exporter, size=4, batch=4) as queue:
        start = threading.Barrier(4)

        def put_many() -> None:
            start.wait()
            for number in range(5_000):
                queue.put(number)

        threads = [threading.Thread(target=put_many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert queue.flush(LONG)
    assert len(exporter.exported) + queue.dropped == 20_000


def test_a_full_queue_that_is_emptied_by_put_is_no_error() -> None:
    with exporting(Exporter(), size=4, batch=4) as queue:
        queue._waiting.clear()
        assert queue._take() == []
        queue._drop_oldest()
        assert queue.dropped == 0


def test_flush_says_when_it_could_not_export_all() -> None:
    exporter = Exporter()
    exporter.open.clear()
    with exporting(exporter) as queue:
        queue.put(1)
        assert not queue.flush(0.01)
        exporter.open.set()
        assert queue.flush(LONG)


def test_an_export_is_not_instrumented() -> None:
    suppressed: list[object] = []

    def export(batch: Sequence[int]) -> int:
        suppressed.append(otel.get_value(otel._SUPPRESS_INSTRUMENTATION_KEY))
        return len(batch)

    with exporting(export) as queue:
        queue.put(1)
    assert suppressed == [True]


class StubEndpoint:
    """An endpoint with the given results; the last one is given again and again."""

    url = "http://backend.test/v1/traces"

    def __init__(self, *results: ExportResult | Outcome) -> None:
        self._results, self.attempts = list(results), 0

    def post(self, body: bytes) -> Outcome:  # noqa: ARG002
        self.attempts += 1
        result = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        return result if isinstance(result, Outcome) else Outcome(result, "no wire")

    def close(self) -> None:
        pass


class Clock(threading.Event):
    """What a sender waits for between two attempts: notes how long, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout)
        return self.is_set()


def sender_to(
    *results: ExportResult | Outcome,
) -> tuple[RetryingSender[int], StubEndpoint, Clock]:
    endpoint, clock = StubEndpoint(*results), Clock()
    sender = RetryingSender(endpoint, in_words)
    sender._stopped = clock
    return sender, endpoint, clock


SUCCESS, FAILURE, RETRYABLE = ExportResult.SUCCESS, ExportResult.FAILURE, ExportResult.RETRYABLE


def test_the_pause_between_attempts_doubles_up_to_two_seconds() -> None:
    sender, endpoint, clock = sender_to(*[RETRYABLE] * 6, SUCCESS)
    assert sender.send([1])
    assert clock.pauses == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert endpoint.attempts == 7


def test_the_next_outage_begins_with_a_short_pause_again() -> None:
    sender, _, clock = sender_to(RETRYABLE, RETRYABLE, SUCCESS, RETRYABLE, SUCCESS)
    assert sender.send([1])
    assert sender.send([2])
    assert clock.pauses == [0.2, 0.4, 0.2]


def test_what_is_refused_is_not_sent_again() -> None:
    sender, endpoint, _ = sender_to(FAILURE)
    assert not sender.send([1])
    assert endpoint.attempts == 1


def test_each_outage_is_logged_once_when_it_begins_and_once_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender, _, _ = sender_to(RETRYABLE, RETRYABLE, SUCCESS)
    sender.backlog = lambda: "3 spans were dropped, 4 wait"
    assert sender.send([1])

    begin, end = lines(caplog)
    url = "http://backend.test/v1/traces"
    assert begin == f"{url} is unavailable and telemetry waits: no wire"
    assert end.startswith(f"{url} takes telemetry again after ")
    assert end.endswith(" s: 3 spans were dropped, 4 wait")


def test_closing_during_an_outage_gives_up_and_counts_what_is_lost() -> None:
    endpoint = StubEndpoint(RETRYABLE)
    sender = RetryingSender(endpoint, in_words)
    with exporting(sender.send) as queue:
        for number in range(95):
            queue.put(number)
        until(lambda: endpoint.attempts > 0)
        sender.stop_retrying()
        queue.close(LONG)
    assert not queue._thread.is_alive()
    assert queue.dropped == 95
    assert endpoint.attempts <= 3


def test_over_http_a_batch_is_one_post_of_protobuf(backend: Backend) -> None:
    with over_http(backend.url) as queue:
        queue.put(7)
        assert queue.flush(LONG)
    assert backend.bodies == [b"7"]
    assert backend.headers[0]["content-type"] == "application/x-protobuf"
    assert backend.headers[0]["x-team"] == "shop"


def test_one_connection_serves_many_batches(backend: Backend) -> None:
    with over_http(backend.url) as queue:
        for number in range(5):
            queue.put(number)
            assert queue.flush(LONG)
    assert (len(backend.bodies), backend.connections) == (5, 1)


def test_a_kept_connection_that_the_backend_closed_is_no_outage(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.hang_up = True
    with over_http(backend.url) as queue:
        for number in range(3):
            queue.put(number)
            assert queue.flush(LONG)
    assert backend.bodies == [b"0", b"1", b"2"]
    assert backend.connections == 3
    assert lines(caplog) == []


def test_nothing_is_lost_with_a_backend_that_is_slow(backend: Backend) -> None:
    backend.open.clear()
    with over_http(backend.url, size=1_000) as queue:
        for number in range(1_000):
            queue.put(number)
        backend.open.set()
        assert queue.flush(LONG)
    assert b" ".join(backend.bodies) == in_words(range(1_000))
    assert queue.dropped == 0


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_batch_is_sent_again_to_a_busy_backend(backend: Backend, status: int) -> None:
    backend.status = status
    with over_http(backend.url) as queue:
        queue.put(7)
        until(lambda: len(backend.bodies) > 0)
        backend.status = 200
        assert queue.flush(LONG)
    assert backend.bodies[-1] == b"7"
    assert (queue.exported, queue.dropped) == (1, 0)


def test_a_batch_is_not_sent_again_to_a_backend_that_refuses_it(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.status = 400
    with over_http(backend.url) as queue:
        queue.put(7)
        assert queue.flush(LONG)
        queue.put(8)
        assert queue.flush(LONG)
    assert (backend.bodies, queue.dropped) == ([b"7", b"8"], 2)
    assert lines(caplog) == [
        f"{backend.url} refuses telemetry, which is dropped: 400 Bad Request"
    ], "said once"


def test_a_backend_that_comes_back_gets_what_was_kept(caplog: pytest.LogCaptureFixture) -> None:
    with closing(Backend()) as first:
        port = first.port
    with over_http(f"http://127.0.0.1:{port}/v1/traces") as queue:
        queue.put(7)
        until(lambda: len(lines(caplog)) == 1)
        with closing(Backend(port)) as second:
            assert queue.flush(LONG)
            assert second.bodies == [b"7"]
    assert len(lines(caplog)) == 2


def test_closing_does_not_wait_for_a_backend_that_hangs() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        settings = OrdersSettings(
            telemetry=TelemetrySettings(of_traces=OtlpVariables(endpoint=url))
        )
        telemetry = Telemetry.open(settings)
        assert isinstance(telemetry.span_processor, QueuedSpanProcessor)
        queue = telemetry.span_processor.queue
        telemetry.tracer.start_span("price").end()
        connection, _ = mute.accept()
        telemetry.close()
        assert queue._thread.is_alive()
        connection.close()
        queue._thread.join(LONG)
        assert not queue._thread.is_alive()


def test_a_backend_that_hangs_is_given_up_after_the_timeout() -> None:
    with closing(create_server(("127.0.0.1", 0))) as mute:
        endpoint = OtlpHttp(f"http://127.0.0.1:{mute.getsockname()[1]}/", {}, 0.02)
        assert endpoint.post(b"") == Outcome(RETRYABLE, "no answer within 0.02 s")


@pytest.mark.parametrize("address", ["", "localhost:4318", "ftp://backend/v1/traces", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not an http:// or https:// address"):
        OtlpHttp(address, {}, 1)


def test_what_is_sent_can_be_compressed(backend: Backend) -> None:
    with closing(OtlpHttp(backend.url, {}, LONG, compression="gzip")) as endpoint:
        assert endpoint.post(b"7" * 1_000).result is SUCCESS
    assert backend.headers[0]["content-encoding"] == "gzip"
    assert gzip.decompress(backend.bodies[0]) == b"7" * 1_000
    assert len(backend.bodies[0]) < 100


def spans_in(bodies: Sequence[bytes]) -> list[Span]:
    return [
        span
        for request in map(ExportTraceServiceRequest.FromString, bodies)
        for sent in request.resource_spans
        for scope in sent.scope_spans
        for span in scope.spans
    ]


def test_exporter_and_processor_are_those_of_the_sdk_and_do_what_it_says(backend: Backend) -> None:
    exporter = OtlpSpanExporter(OtlpHttp(backend.url, {}, LONG))
    processor = QueuedSpanProcessor(exporter, delay=LONG, size=10, batch=10)
    assert isinstance(exporter, SpanExporter)
    assert isinstance(processor, SpanProcessor)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)

    provider.get_tracer("test").start_span("price").end()
    assert provider.force_flush(int(LONG * 1000))
    (span,) = spans_in(backend.bodies)
    assert span.name == "price"

    ended = TracerProvider(shutdown_on_exit=False).get_tracer("test").start_span("read")
    assert isinstance(ended, ReadableSpan)
    ended.end()
    backend.status = 400
    assert exporter.export([ended]) is SpanExportResult.FAILURE
    backend.status = 200
    assert exporter.export([ended]) is SpanExportResult.SUCCESS
    assert exporter.force_flush()
    provider.get_tracer("test").start_span("charge").end()
    provider.shutdown()
    assert [span.name for span in spans_in(backend.bodies)] == ["price", "read", "read", "charge"]


def test_the_sdks_processor_exports_with_our_exporter(backend: Backend) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OtlpSpanExporter(OtlpHttp(backend.url, {}, LONG))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    provider.get_tracer("test").start_span("price").end()
    provider.shutdown()
    assert [span.name for span in spans_in(backend.bodies)] == ["price"]


def test_our_processor_exports_with_the_sdks_exporter(backend: Backend) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    processor = QueuedSpanProcessor(OTLPSpanExporter(backend.url), delay=LONG, size=9, batch=9)
    provider.add_span_processor(processor)
    provider.get_tracer("test").start_span("price").end()
    provider.shutdown()
    assert [span.name for span in spans_in(backend.bodies)] == ["price"]


def test_a_span_that_is_not_sampled_is_not_exported(backend: Backend) -> None:
    provider = TracerProvider(sampling.ALWAYS_OFF, shutdown_on_exit=False)
    exporter = OtlpSpanExporter(OtlpHttp(backend.url, {}, LONG))
    provider.add_span_processor(QueuedSpanProcessor(exporter, delay=LONG, size=9, batch=9))
    provider.get_tracer("test").start_span("price").end()
    provider.shutdown()
    assert backend.bodies == []


class Collector:
    """The trace service of a collector, over gRPC."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self.bodies: list[bytes] = []
        self.metadata: list[dict[str, Any]] = []
        handler = grpc.method_handlers_generic_handler(
            "opentelemetry.proto.collector.trace.v1.TraceService",
            {"Export": grpc.unary_unary_rpc_method_handler(self._take)},
        )
        self._server = grpc.server(ThreadPoolExecutor(1), handlers=[handler])
        if credentials is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        self.url = f"http://127.0.0.1:{self.port}"
        self._server.start()

    def _take(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self.bodies.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        return b""

    def close(self) -> None:
        self._server.stop(0).wait()


def exported(backend: Backend | Collector, environ: dict[str, str]) -> list[str]:
    """What arrives of the spans of a service, in words."""
    environ |= {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": backend.url}
    telemetry = Telemetry.open(OrdersSettings.read(environ))
    with telemetry.tracer.start_as_current_span("price", attributes={"cents": 7}) as price:
        price.add_event("cheap")
        telemetry.tracer.start_span("read").end()
    telemetry.close()
    return [
        f"{span.name} {bool(span.parent_span_id)} {[pair.key for pair in span.attributes]}"
        f" {[event.name for event in span.events]}"
        for span in spans_in(backend.bodies)
    ]


@pytest.mark.parametrize("exporter", ["acme", "sdk"])
@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_the_same_spans_arrive_by_our_export_and_by_the_sdks(exporter: str, protocol: str) -> None:
    environ = {"ACME_EXPORTER": exporter, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
    with closing(Collector() if protocol == "grpc" else Backend()) as backend:
        assert exported(backend, environ) == ["read True [] []", "price False ['cents'] ['cheap']"]


def test_a_setting_puts_the_sdks_export_in_the_place_of_ours() -> None:
    stock = otlp_processor(TelemetrySettings(exporter="sdk"))
    assert isinstance(stock, BatchSpanProcessor)
    assert isinstance(stock.span_exporter, OTLPSpanExporter)
    stock.shutdown()  # type: ignore[no-untyped-call]
    ours = otlp_processor(TelemetrySettings())
    assert isinstance(ours, QueuedSpanProcessor)
    ours.shutdown()
