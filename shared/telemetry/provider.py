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
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import NoOpTracerProvider, Tracer, TracerProvider

from shared import __version__
from shared.settings import ServiceSettings
from shared.telemetry.export import shut_down, span_processor
from shared.telemetry.propagation import Propagation
from shared.telemetry.sampling import sampler

SCOPE = "acmeshop"


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
        processor = span_processor(told) if exporter is None else SimpleSpanProcessor(exporter)
        provider.add_span_processor(processor)
        telemetry = cls(provider, meters, processor, propagation, itself)
        telemetry.needs_name = getattr(chosen, "needs_name", False)
        if exporter is None:  # one that is given is its owner's
            telemetry.on_close.append(partial(shut_down, processor))
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
