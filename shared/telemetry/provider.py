"""A service's telemetry: who it is, what it records, and where that goes. Passed by hand, never
global.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import NoOpTracer, Tracer

from shared import __version__
from shared.settings import Settings, TelemetrySettings
from shared.telemetry.delivery import Delivery, Outcome
from shared.telemetry.encode import encode_spans
from shared.telemetry.otlp import OtlpHttp, Sender
from shared.telemetry.propagation import Propagation
from shared.telemetry.sampling import sampler

SCOPE = "acmeshop"
FLUSH_SECONDS = 0.8


@dataclass
class Telemetry:
    """A service's tracer, the header formats it speaks, and how to end it all.

    `close` delivers what is still waiting, but takes no longer than a second.
    """

    tracer: Tracer
    propagation: Propagation
    resource: Resource
    spans: Delivery[ReadableSpan] | None = None
    needs_name: bool = False
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(cls, settings: Settings, exporter: SpanExporter | None = None) -> "Telemetry":
        """Telemetry as the settings say; with `exporter`, spans go there one by one (for tests)."""
        told = settings.telemetry
        propagation, itself = Propagation(told.propagators), resource(settings)
        if told.disabled:
            return cls(NoOpTracer(), propagation, itself)
        chosen = sampler(told.sampler, told.sampler_arg, service=settings.service)
        provider = TracerProvider(sampler=chosen, resource=itself, shutdown_on_exit=False)
        telemetry = cls(provider.get_tracer(SCOPE, __version__), propagation, itself)
        telemetry.needs_name = getattr(chosen, "needs_name", False)
        if exporter is not None:
            provider.add_span_processor(SimpleSpanProcessor(exporter))
        else:
            telemetry.spans = spans = delivery(told)
            provider.add_span_processor(Queued(spans))
            telemetry.on_close.append(lambda: spans.close(FLUSH_SECONDS))
        if close := getattr(chosen, "close", None):
            telemetry.on_close.append(close)
        return telemetry

    def close(self) -> None:
        while self.on_close:
            self.on_close.pop()()


def resource(settings: Settings) -> Resource:
    """What is true of every span of this process."""
    return Resource.create(
        {
            "service.name": settings.service,
            "service.version": __version__,
            "service.namespace": "acmeshop",
            "service.instance.id": str(uuid4()),
            "deployment.environment.name": "demo",
            "process.pid": os.getpid(),
            "host.name": socket.gethostname(),
            **settings.telemetry.resource,
        }
    )


class Queued(SpanProcessor):
    """Puts every sampled span that ends on the way to the backend; costs the request an append."""

    def __init__(self, spans: Delivery[ReadableSpan]) -> None:
        self._spans = spans

    def on_end(self, span: ReadableSpan) -> None:
        if span.context is not None and span.context.trace_flags.sampled:
            self._spans.put(span)


def delivery(told: TelemetrySettings) -> Delivery[ReadableSpan]:
    if told.protocol == "grpc":
        from shared.telemetry.grpc import grpc_sender  # noqa: PLC0415  # grpcio is heavy: only for those who ask

        send: Callable[..., Outcome] = grpc_sender(told)
    else:
        send = Sender(OtlpHttp(told.traces_endpoint, told.headers, told.timeout), encode_spans)
    return Delivery(
        "spans",
        send,
        delay=told.schedule_delay,
        size=told.max_queue_size,
        batch=told.max_batch_size,
    )
