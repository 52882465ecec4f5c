"""The service at work: whose telemetry a piece of code records with.

A request, a message and what is started with a service run in that service's context
(`with_telemetry`), so that each service has its own providers even where many share a process. Work
outside of such a context, as in a thread of its own, is the work of the process's service; where
there is none, nothing is recorded.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from opentelemetry import context as otel
from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider, NoOpMeterProvider
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import NoOpTracerProvider, TracerProvider

from shared.telemetry.metrics.provider import Metrics

T = TypeVar("T")

KEY = otel.create_key("acmeshop-telemetry")


class Providers(Protocol):
    """What a service records with: `Telemetry` in the shop."""

    @property
    def tracer_provider(self) -> TracerProvider: ...
    @property
    def meter_provider(self) -> MeterProvider: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def span_processor(self) -> SpanProcessor: ...
    @property
    def propagator(self) -> TextMapPropagator: ...
    @property
    def resource(self) -> Resource: ...


class Nothing:
    """The providers where no service is at work."""

    tracer_provider: TracerProvider = NoOpTracerProvider()
    meter_provider: MeterProvider = NoOpMeterProvider()
    metrics = Metrics.off()
    span_processor = SpanProcessor()
    propagator: TextMapPropagator = propagate.get_global_textmap()
    resource = Resource({})


class Default:
    """The service of this process, for work that runs in no service's context."""

    providers: Providers = Nothing()


def with_telemetry(providers: Providers, context: Context | None = None) -> Context:
    """The context (or else the current one) in which the API records with `providers`."""
    return otel.set_value(KEY, providers, context)


def current() -> Providers:
    return cast("Providers", otel.get_value(KEY) or Default.providers)


class Each(Generic[T]):
    """One `T` for each service, made where it is first needed."""

    def __init__(self, make: Callable[[Providers], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[Providers, T] = WeakKeyDictionary()
        self._last: tuple[Providers | None, T | None] = (None, None)

    def here(self) -> T:
        """That of the service at work."""
        providers = current()
        last, made = self._last
        if last is not providers:  # once, in a process with one service
            made = self.of(providers)
            self._last = providers, made
        return cast("T", made)

    def of(self, providers: Providers) -> T:
        made = self._made.get(providers)
        if made is None:
            made = self._made.setdefault(providers, self._make(providers))
        return made
