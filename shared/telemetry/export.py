"""Export: a queue, batches and retries.

A span that ends is appended to a bounded queue; that is all it costs the request. A thread encodes
what waits there in batches and posts each as OTLP. While the backend is unavailable the batch in
hand is sent again, with a pause that doubles, and new items wait; when the queue is full the oldest
are dropped and counted.

The parts are the SDK's kinds, a `SpanProcessor` and a `SpanExporter`, and work together with the
SDK's own. They do with the standard library alone what BatchSpanProcessor and OTLPSpanExporter do
with `requests`, which saves every process of the shop memory and start-up time. ACME_EXPORTER=sdk
puts the SDK's in their place.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

from opentelemetry import context as otel
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context
from opentelemetry.sdk.trace import (
    ReadableSpan,
    Span,
    SpanProcessor,
    SynchronousMultiSpanProcessor,
)
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)

from shared.settings import TelemetrySettings
from shared.telemetry.encode import encode_spans
from shared.telemetry.otlp_http import ExportResult, OtlpHttp

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds between the attempts to send a batch
SHUTDOWN_SECONDS = 0.8

log = logging.getLogger(__name__)


def span_processors(settings: TelemetrySettings) -> list[SpanProcessor]:
    """Exports spans to each place that OTEL_TRACES_EXPORTER names."""
    processors: list[SpanProcessor] = []
    if "otlp" in settings.traces_exporters:
        processors.append(otlp_processor(settings))
    if "console" in settings.traces_exporters:
        processors.append(
            SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stdout, formatter=as_line))
        )
    return processors


def as_one(processors: Sequence[SpanProcessor]) -> SpanProcessor:
    if len(processors) == 1:
        return processors[0]
    several = SynchronousMultiSpanProcessor()  # type: ignore[no-untyped-call]
    for processor in processors:
        several.add_span_processor(processor)
    return several


def as_line(span: ReadableSpan) -> str:
    """A span as one line, as log lines are, so that each can be parsed."""
    return f"{span.to_json(indent=None)}\n"


def otlp_processor(settings: TelemetrySettings) -> SpanProcessor:
    """Exports spans as OTLP: with the parts of this module, or with the SDK's."""
    exporter = span_exporter(settings)
    if settings.exporter == "sdk":
        return BatchSpanProcessor(
            exporter,
            max_queue_size=settings.max_queue_size,
            schedule_delay_millis=settings.schedule_delay * 1000,
            max_export_batch_size=min(settings.max_batch_size, settings.max_queue_size),
            export_timeout_millis=settings.export_timeout and settings.export_timeout * 1000,
        )
    return QueuedSpanProcessor(
        exporter,
        delay=settings.schedule_delay,
        size=settings.max_queue_size,
        batch=settings.max_batch_size,
    )


def span_exporter(settings: TelemetrySettings) -> SpanExporter:
    """Sends spans to their endpoint, by the SDK's exporter where that is wanted, or gRPC."""
    otlp = settings.traces
    # grpcio and requests are heavy: they are imported only by those who use them.
    if otlp.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc  # noqa: PLC0415

        from shared.telemetry.grpc import arguments_of  # noqa: PLC0415

        return grpc.OTLPSpanExporter(**arguments_of(otlp))
    if settings.exporter == "sdk":
        from opentelemetry.exporter.otlp.proto.http import Compression  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http import trace_exporter as http  # noqa: PLC0415

        return http.OTLPSpanExporter(
            otlp.endpoint,
            certificate_file=otlp.certificate,
            client_key_file=otlp.client_key,
            client_certificate_file=otlp.client_certificate,
            headers=dict(otlp.headers),
            timeout=otlp.timeout,
            compression=Compression(otlp.compression),
        )
    return OtlpSpanExporter(OtlpHttp.of(otlp), settings.export_timeout)


class QueuedSpanProcessor(SpanProcessor):
    """Queues every sampled span that ends, to be exported by a thread of its own."""

    def __init__(self, exporter: SpanExporter, *, delay: float, size: int, batch: int) -> None:
        def export(spans: Sequence[ReadableSpan]) -> bool:
            return exporter.export(spans) is SpanExportResult.SUCCESS

        self._exporter = exporter
        self.queue = ExportQueue("spans", export, delay=delay, size=size, batch=batch)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing: a span is exported when it has ended."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            self.queue.put(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.queue.flush(timeout_millis / 1000)

    def shutdown(self) -> None:
        if isinstance(self._exporter, OtlpSpanExporter):
            self._exporter.stop_retrying()
        self.queue.close(SHUTDOWN_SECONDS)
        self._exporter.shutdown()


class OtlpSpanExporter(SpanExporter):
    """Encodes spans and posts them to an endpoint, again and again while that is unavailable."""

    def __init__(self, endpoint: OtlpHttp, give_up: float | None = None) -> None:
        self._sender = RetryingSender(endpoint, encode_spans, give_up)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self._sender.send(spans) else SpanExportResult.FAILURE

    def stop_retrying(self) -> None:
        """Has each export end after one attempt: for the last ones, before `shutdown`."""
        self._sender.stop_retrying()

    def shutdown(self) -> None:
        self._sender.close()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - nothing waits here
        return True


class ExportQueue(Generic[T]):
    """A bounded queue of items of the kind `what`, and a thread that hands them over in batches.

    `export` answers whether a batch was taken. `put` never waits: when `size` items wait already,
    the oldest is dropped and counted. Of the `dropped`, the `failed` were in a batch that was not
    taken.
    """

    def __init__(
        self,
        what: str,
        export: Callable[[Sequence[T]], bool],
        *,
        delay: float,
        size: int,
        batch: int,
    ) -> None:
        self.dropped = self.failed = self.exported = 0
        self._what, self._export = what, export
        self.size = size
        self._delay, self._batch = delay, min(batch, size)
        self._waiting: deque[T] = deque()
        self._some, self._many, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._busy = False
        self._reported = 0
        self._thread = threading.Thread(target=self._run, name=f"export-{what}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, item: T) -> None:
        if len(self._waiting) >= self.size:
            self._drop_oldest()
        self._waiting.append(item)
        if not self._some.is_set():
            self._some.set()
        if len(self._waiting) >= self._batch:
            self._many.set()

    def flush(self, timeout: float) -> bool:
        """Exports what is waiting; False when it is not all gone within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        self._many.set()
        while self._waiting or self._busy:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def close(self, timeout: float) -> None:
        """Exports what is waiting, if that takes no longer than `timeout` seconds, and ends."""
        self._stop.set()
        self._some.set()
        self._many.set()
        self._thread.join(timeout)

    def _drop_oldest(self) -> None:
        try:
            self._waiting.popleft()
        except IndexError:  # the thread was faster
            return
        self.dropped += 1

    def _run(self) -> None:
        # What sends a batch may be instrumented: an export must not make spans to export.
        otel.attach(otel.set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))
        while not self._stop.is_set():
            self._some.wait()
            self._many.wait(self._delay)
            self._many.clear()
            self._some.clear()
            self._empty()
        self._empty()

    def _empty(self) -> None:
        self._busy = True
        while batch := self._take():
            if self._attempt(batch):
                self.exported += len(batch)
                self._report_dropped()
            else:
                self.failed += len(batch)
                self.dropped += len(batch)
        self._busy = False

    def _take(self) -> list[T]:
        batch: list[T] = []
        with suppress(IndexError):  # nothing left, or `put` dropped the last one
            while len(batch) < self._batch:
                batch.append(self._waiting.popleft())
        return batch

    def _attempt(self, batch: list[T]) -> bool:
        try:
            return self._export(batch)
        except Exception:  # the thread's last resort: were it to end, nothing would be exported
            log.exception("%d %s could not be exported and are dropped", len(batch), self._what)
            return False

    def _report_dropped(self) -> None:
        if self.dropped > self._reported:
            log.warning("%d %s were dropped", self.dropped - self._reported, self._what)
            self._reported = self.dropped


class RetryingSender(Generic[T]):
    """Encodes items of one kind and posts them, again and again while the endpoint is unavailable.

    One log line says that it is unavailable, and one that it is available again. It gives up on
    items after `give_up` seconds; None is never.
    """

    def __init__(
        self,
        endpoint: OtlpHttp,
        encode: Callable[[Sequence[T]], bytes],
        give_up: float | None = None,
    ) -> None:
        self._endpoint, self._encode, self._give_up = endpoint, encode, give_up
        self._stopped = threading.Event()
        self._unavailable_since: float | None = None

    def send(self, items: Sequence[T]) -> bool:
        """Whether the endpoint took the items; it may be long until that is known."""
        if self._stopped.is_set() and self._unavailable_since is not None:
            return False
        body, begun = self._encode(items), time.monotonic()
        for pause in backoff():
            result = self._endpoint.post(body)
            if result is not ExportResult.RETRYABLE:
                break
            self._note_unavailable()
            late = self._give_up is not None and time.monotonic() + pause - begun > self._give_up
            if late or self._stopped.wait(pause):
                return False
        self._note_available()
        return result is ExportResult.SUCCESS

    def stop_retrying(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._stopped.set()
        self._endpoint.close()

    def _note_unavailable(self) -> None:
        if self._unavailable_since is None:
            self._unavailable_since = time.monotonic()
            log.warning("%s is unavailable: telemetry waits", self._endpoint.url)

    def _note_available(self) -> None:
        if self._unavailable_since is not None:
            seconds = time.monotonic() - self._unavailable_since
            self._unavailable_since = None
            log.warning("%s is available again after %.1f s", self._endpoint.url, seconds)


def backoff() -> Iterator[float]:
    """The pauses between attempts, in seconds: each twice the one before, up to the longest."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)
