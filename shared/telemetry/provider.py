"""A service's telemetry: who it is, what it records, and where that goes.

Parts of a service get it passed; the OpenTelemetry API finds it in the context (see current.py).
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from uuid import uuid4

from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.sdk import trace as sdk
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import NoOpTracerProvider, Tracer, TracerProvider

from shared import __version__
from shared.settings import ServiceSettings, TelemetrySettings
from shared.telemetry.delivery import Delivery, Outcome
from shared.telemetry.encode import encode_spans
from shared.telemetry.otlp import OtlpHttp, Sender
from shared.telemetry.propagation import Propagation
from shared.telemetry.sampling import sampler

SCOPE = "acmeshop"
FLUSH_SECONDS = 0.8


@dataclass(eq=False)
class Telemetry:
    """A service's providers, the header formats it speaks, and how to end it all.

    `span_processor` takes every span of the service. `close` delivers what is still waiting, but
    takes no longer than a second.
    """

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    span_processor: SpanProcessor
    propagation: Propagation
    resource: Resource
    spans: Delivery[ReadableSpan] | None = None
    needs_name: bool = False
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(cls, settings: ServiceSettings, exporter: SpanExporter | None = None) -> "Telemetry":
        """Telemetry as the settings say; with `exporter`, spans go there one by one (for tests)."""
        told = settings.telemetry
        propagation, itself = Propagation(told.propagators), resource(settings)
        meters = NoOpMeterProvider()
        if told.disabled:
            return cls(NoOpTracerProvider(), meters, SpanProcessor(), propagation, itself)
        chosen = sampler(told.sampler, told.sampler_arg, service=settings.service)
        provider = sdk.TracerProvider(sampler=chosen, resource=itself, shutdown_on_exit=False)
        spans, processor = None, SpanProcessor()
        if exporter is not None:
            processor = SimpleSpanProcessor(exporter)
        else:
            spans = delivery(told)
            processor = Queued(spans)
        provider.add_span_processor(processor)
        telemetry = cls(provider, meters, processor, propagation, itself, spans)
        telemetry.needs_name = getattr(chosen, "needs_name", False)
        if spans is not None:
            telemetry.on_close.append(partial(spans.close, FLUSH_SECONDS))
        if close := getattr(chosen, "close", None):
            telemetry.on_close.append(close)
        return telemetry

    @cached_property
    def tracer(self) -> Tracer:
        """For the spans that every service has: of requests, calls, stores and messages."""
        return self.tracer_provider.get_tracer(SCOPE, __version__)

    def close(self) -> None:
        while self.on_close:
            self.on_close.pop()()


def resource(settings: ServiceSettings) -> Resource:
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
