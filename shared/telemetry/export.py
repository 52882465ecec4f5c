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
from collections.abc import Callable, Sequence
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

from shared.settings import Otlp, TelemetrySettings
from shared.settings.otlp import Signal
from shared.telemetry.delivery import RetryingSender
from shared.telemetry.encode import encode_spans
from shared.telemetry.endpoint import Endpoint, OnceAMinute
from shared.telemetry.otlp_http import OtlpHttp
from shared.telemetry.sdk_exporters import sdk_span_exporter

T = TypeVar("T")

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
    otlp = settings.traces
    if settings.exporter == "sdk":
        return BatchSpanProcessor(
            sdk_span_exporter(otlp),
            max_queue_size=settings.max_queue_size,
            schedule_delay_millis=settings.schedule_delay * 1000,
            max_export_batch_size=min(settings.max_batch_size, settings.max_queue_size),
            export_timeout_millis=settings.export_timeout and settings.export_timeout * 1000,
        )
    return QueuedSpanProcessor(
        OtlpSpanExporter(endpoint_of(otlp, "traces"), settings.export_timeout),
        delay=settings.schedule_delay,
        size=settings.max_queue_size,
        batch=settings.max_batch_size,
    )


def endpoint_of(otlp: Otlp, signal: Signal) -> Endpoint:
    """The endpoint of one signal, over the protocol that the settings name."""
    if otlp.protocol != "grpc":
        return OtlpHttp.of(otlp)
    from shared.telemetry.otlp_grpc import OtlpGrpc  # noqa: PLC0415 - grpcio is heavy

    return OtlpGrpc(otlp, signal)


class QueuedSpanProcessor(SpanProcessor):
    """Queues every sampled span that ends, to be exported by a thread of its own."""

    def __init__(self, exporter: SpanExporter, *, delay: float, size: int, batch: int) -> None:
        def export(spans: Sequence[ReadableSpan]) -> int:
            return len(spans) if exporter.export(spans) is SpanExportResult.SUCCESS else 0

        self._exporter = exporter
        sender = exporter.sender if isinstance(exporter, OtlpSpanExporter) else None
        send = export if sender is None else sender.send
        self.queue = ExportQueue("spans", send, delay=delay, size=size, batch=batch)
        if sender is not None:
            sender.backlog = self.queue.backlog

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Nothing: a span is exported when it has ended."""

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            self.queue.put(span)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.queue.flush(timeout_millis / 1000)

    def shutdown(self) -> None:
        if isinstance(self._exporter, OtlpSpanExporter):
            self._exporter.sender.stop_retrying()
        self.queue.close(SHUTDOWN_SECONDS)
        self._exporter.shutdown()


class OtlpSpanExporter(SpanExporter):
    """Encodes spans and posts them to an endpoint, again and again while that is unavailable."""

    def __init__(self, endpoint: Endpoint, give_up: float | None = None) -> None:
        self.sender = RetryingSender(endpoint, encode_spans, give_up)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        taken = self.sender.send(spans) == len(spans)
        return SpanExportResult.SUCCESS if taken else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self.sender.close()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - nothing waits here
        return True


class ExportQueue(Generic[T]):
    """A bounded queue of items of the kind `what`, and a thread that hands them over in batches.

    `export` answers how many items of a batch were taken. `put` never waits: when `size` items wait
    already, the oldest is dropped and counted. Of the `dropped`, the `failed` were exported, and
    not taken.
    """

    def __init__(
        self,
        what: str,
        export: Callable[[Sequence[T]], int],
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
        self._may_say_dropped, self._may_say_crashed = OnceAMinute(), OnceAMinute()
        self._thread = threading.Thread(target=self._run, name=f"export-{what}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def backlog(self) -> str:
        """What became of those that were not exported since this was called last."""
        dropped, self._reported = self.dropped - self._reported, self.dropped
        return f"{dropped} {self._what} were dropped, {self.waiting} wait"

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
            taken = self._attempt(batch)
            self.exported += taken
            self.failed += len(batch) - taken
            self.dropped += len(batch) - taken
            if taken:
                self._report_dropped()
        self._busy = False

    def _take(self) -> list[T]:
        batch: list[T] = []
        with suppress(IndexError):  # nothing left, or `put` dropped the last one
            while len(batch) < self._batch:
                batch.append(self._waiting.popleft())
        return batch

    def _attempt(self, batch: list[T]) -> int:
        try:
            return self._export(batch)
        except Exception:  # the thread's last resort: were it to end, nothing would be exported
            if self._may_say_crashed():
                log.exception("%d %s could not be exported and are dropped", len(batch), self._what)
            return 0

    def _report_dropped(self) -> None:
        """Says how many were dropped: at once, and then once a minute while there are more."""
        if self.dropped > self._reported and self._may_say_dropped():
            log.warning("%s", self.backlog())
