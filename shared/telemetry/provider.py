"""A service's telemetry: who it is, what it records, and where that goes.

Parts of a service get it passed; the OpenTelemetry API finds it in the context (see current.py).
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Thread
from time import monotonic
from uuid import uuid4

from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.sdk import trace as sdk
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import NoOpTracerProvider, Tracer, TracerProvider

from shared import __version__
from shared.settings import ServiceSettings, TelemetrySettings
from shared.telemetry.baggage import BaggageSpanProcessor
from shared.telemetry.export import (
    SHUTDOWN_SECONDS,
    QueuedSpanProcessor,
    as_one,
    span_processors,
)
from shared.telemetry.metrics.provider import Metrics, observe_spans
from shared.telemetry.propagation import Propagator
from shared.telemetry.sampling import sampler

SCOPE = "acmeshop"
CLOSE_SECONDS = 1.0


@dataclass(eq=False)
class Telemetry:
    """A service's providers, the header formats it speaks, and how to end it all.

    `span_processor` takes every span of the service. `records_headers` is whether spans say in
    which headers their context travelled. `close` exports what is still waiting, but
    takes no longer than a second.
    """

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    span_processor: SpanProcessor
    propagator: Propagator
    resource: Resource
    metrics: Metrics = field(default_factory=Metrics.off)
    needs_name: bool = False
    records_headers: bool = False
    on_close: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def open(cls, settings: ServiceSettings, exporter: SpanExporter | None = None) -> "Telemetry":
        """Telemetry as the settings say; with `exporter`, spans go there one by one (for tests)."""
        wanted = settings.telemetry
        formats, identity = settings.formats, resource(settings)
        propagator = Propagator(formats.sends, formats.reads)
        if wanted.is_off:
            nothing = NoOpTracerProvider(), NoOpMeterProvider(), SpanProcessor()
            return cls(*nothing, propagator, identity)
        chosen = sampler(
            wanted.sampler,
            wanted.sampler_arg,
            service=settings.service,
            strategies=wanted.strategies,
        )
        provider = sdk.TracerProvider(
            sampler=chosen, resource=identity, shutdown_on_exit=False, span_limits=limits(wanted)
        )
        processors = (
            span_processors(wanted) if exporter is None else [SimpleSpanProcessor(exporter)]
        )
        processor = as_one(processors)
        provider.add_span_processor(BaggageSpanProcessor(wanted.baggage_attributes))
        provider.add_span_processor(processor)
        metrics = Metrics.open(wanted, identity)
        for one in processors:
            if isinstance(one, QueuedSpanProcessor):
                protocol = wanted.traces.protocol.partition("/")[0]
                observe_spans(metrics.provider, one.queue, f"otlp_{protocol}_span_exporter")
        telemetry = cls(provider, metrics.provider, processor, propagator, identity, metrics)
        telemetry.on_close.append(partial(metrics.close, SHUTDOWN_SECONDS))
        telemetry.records_headers = wanted.profile != "standard"
        telemetry.needs_name = getattr(chosen, "needs_name", False)
        if exporter is None:  # one that is given is its owner's
            telemetry.on_close.append(processor.shutdown)
        if close := getattr(chosen, "close", None):
            telemetry.on_close.append(close)
        return telemetry

    @cached_property
    def tracer(self) -> Tracer:
        """For the spans that every service has: of requests, calls, stores and messages."""
        return self.tracer_provider.get_tracer(SCOPE, __version__)

    def close(self) -> None:
        """Calls all of `on_close` at the same time: where one backend hangs, the others still get
        theirs.
        """
        deadline = monotonic() + CLOSE_SECONDS
        threads = [Thread(target=close, daemon=True) for close in self.on_close]
        self.on_close.clear()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - monotonic()))


def limits(settings: TelemetrySettings) -> sdk.SpanLimits:
    """What a span may hold. None would have the SDK read the environment by itself."""
    every, unlimited = settings.max_attributes, sdk.SpanLimits.UNSET
    length = unlimited if settings.max_attribute_length is None else settings.max_attribute_length

    def or_else(limit: int | None, otherwise: int | None) -> int | None:
        return otherwise if limit is None else limit

    return sdk.SpanLimits(
        max_attributes=every,
        max_events=settings.max_events,
        max_links=settings.max_links,
        max_span_attributes=or_else(settings.max_span_attributes, every),
        max_event_attributes=or_else(settings.max_event_attributes, every),
        max_link_attributes=or_else(settings.max_link_attributes, every),
        max_attribute_length=length,
        max_span_attribute_length=or_else(settings.max_span_attribute_length, length),
    )


def resource(settings: ServiceSettings) -> Resource:
    """What is true of every span of this process; the settings' attributes count before ours, and
    OTEL_SERVICE_NAME before all.
    """
    wanted = settings.telemetry
    named = {"service.name": wanted.service_name} if wanted.service_name else {}
    return Resource.create(
        {
            "service.name": settings.service,
            "service.version": __version__,
            "service.namespace": "acmeshop",
            "service.instance.id": str(uuid4()),
            "deployment.environment.name": "demo",
            "process.pid": os.getpid(),
            "host.name": socket.gethostname(),
            **wanted.resource,
            **named,
        }
    )
