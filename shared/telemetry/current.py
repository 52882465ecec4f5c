"""The global providers of the OpenTelemetry API, which hand every call to the service at work.

`trace.get_tracer(__name__)` and `metrics.get_meter(__name__)` work in any module, at any time, as
in any tutorial: what they return finds out at each span and each measurement whose it is. Requests,
messages and what is started with a service run in that service's context (`with_telemetry`), so
that each service has its own providers even where many share a process. Work outside of such a
context, as in a thread of its own, is the work of the process's service (`set_default`); where
there is none, nothing is recorded.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Generic, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from opentelemetry import context as otel
from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import (
    CallbackT,
    Counter,
    Histogram,
    Meter,
    MeterProvider,
    NoOpMeterProvider,
    NoOpObservableCounter,
    NoOpObservableGauge,
    NoOpObservableUpDownCounter,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.metrics import _Gauge as Gauge
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.trace import (
    Link,
    NoOpTracerProvider,
    Span,
    SpanKind,
    Tracer,
    TracerProvider,
    use_span,
)
from opentelemetry.util._decorator import _agnosticcontextmanager  # the SDK's, for `@tracer.start…`
from opentelemetry.util.types import Attributes

from shared.telemetry.metrics.provider import Metrics
from shared.tracebacks import without_hidden_frames

T = TypeVar("T")

KEY = otel.create_key("acmeshop-telemetry")

log = logging.getLogger(__name__)


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


def set_default(providers: Providers) -> None:
    """Makes `providers` those of work without a context: for the program that runs one service."""
    Default.providers = providers
    provider = metrics.get_meter_provider()
    if isinstance(provider, CurrentMeterProvider):
        provider.observe(providers)


def with_telemetry(providers: Providers, context: Context | None = None) -> Context:
    """The context (or else the current one) in which the API records with `providers`."""
    return otel.set_value(KEY, providers, context)


def current() -> Providers:
    return cast("Providers", otel.get_value(KEY) or Default.providers)


@cache
def install() -> None:
    """Makes these the global providers of the API, once for the process.

    The API keeps the first provider it is given and refuses others with a warning. If somebody else
    was first, their tracers stay in use and their spans are recorded as the current service's too.
    """
    found = trace.get_tracer_provider()
    if isinstance(found, trace.ProxyTracerProvider):
        trace.set_tracer_provider(CurrentTracerProvider())
    elif add := getattr(found, "add_span_processor", None):
        add(Adopting())
    else:
        log.warning("%r was set as the tracer provider: its spans are not the shop's", found)
    metrics.set_meter_provider(CurrentMeterProvider())
    propagate.set_global_textmap(CurrentPropagator())


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


class CurrentTracerProvider(TracerProvider):
    """Gives tracers that record with the provider of the service at work.

    Whatever else a provider of the SDK has is that provider's, as in
    `trace.get_tracer_provider().add_span_processor(...)`.
    """

    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Tracer:
        scope = (
            instrumenting_module_name,
            instrumenting_library_version,
            schema_url,
            attributes,
        )
        return CurrentTracer(Each(lambda providers: providers.tracer_provider.get_tracer(*scope)))

    def __getattr__(self, name: str) -> Any:
        return getattr(current().tracer_provider, name)


class CurrentTracer(Tracer):
    """One tracer for each service, chosen at the start of each span."""

    def __init__(self, tracers: Each[Tracer]) -> None:
        self._tracers = tracers

    def start_span(self, name: str, *args: Any, **kwargs: Any) -> Span:
        return self._tracers.here().start_span(name, *args, **kwargs)

    @_agnosticcontextmanager
    def start_as_current_span(  # noqa: PLR0917 - the API's signature
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> Iterator[Span]:
        span = self.start_span(name, context, kind, attributes, links, start_time)
        with use_span(span, end_on_exit, record_exception, set_status_on_exception):
            try:
                yield span
            except Exception as error:
                without_hidden_frames(error)  # before it is recorded
                raise


class Adopting(SpanProcessor):
    """Records the spans of a provider that is not ours as the current service's."""

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:
        current().span_processor.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        providers = current()
        adopted = ReadableSpan(
            span.name,
            span.context,
            span.parent,
            providers.resource,
            span.attributes,
            span.events,
            span.links,
            span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )
        providers.span_processor.on_end(adopted)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return current().span_processor.force_flush(timeout_millis)


class CurrentPropagator(TextMapPropagator):
    """Speaks the header formats of the service at work: `propagate.inject(headers)`."""

    def extract(self, *args: Any, **kwargs: Any) -> Context:
        return current().propagator.extract(*args, **kwargs)

    def inject(self, *args: Any, **kwargs: Any) -> None:
        current().propagator.inject(*args, **kwargs)

    @property
    def fields(self) -> set[str]:
        return current().propagator.fields


class CurrentMeterProvider(MeterProvider):
    """Gives meters whose instruments record with the provider of the service at work."""

    def __init__(self) -> None:
        self._unobserved: list[Callable[[Providers], object]] = []

    def get_meter(
        self,
        name: str,
        version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> Meter:
        return CurrentMeter(self, name, version, schema_url, attributes)

    def observing(self, make: Callable[[Providers], T], until_then: T) -> T:
        """An observable instrument: it is read in no context, so it belongs to the service that
        makes it, or else to the service of the process, once there is one.
        """
        providers = current()
        if not isinstance(providers, Nothing):
            return make(providers)
        self._unobserved.append(make)
        return until_then

    def observe(self, providers: Providers) -> None:
        while self._unobserved:
            self._unobserved.pop(0)(providers)


class CurrentMeter(Meter):
    """Makes instruments that are one for each service, chosen at each measurement."""

    def __init__(
        self,
        provider: CurrentMeterProvider,
        name: str,
        version: str | None,
        schema_url: str | None,
        attributes: Attributes,
    ) -> None:
        super().__init__(name, version, schema_url)
        self._observing = provider.observing
        scope = (name, version, schema_url, attributes)
        self._meter = Each(lambda providers: providers.meter_provider.get_meter(*scope)).of

    def create_counter(self, name: str, unit: str = "", description: str = "") -> Counter:
        how = (name, unit, description)
        return CurrentCounter(Each(lambda whose: self._meter(whose).create_counter(*how)))

    def create_up_down_counter(
        self, name: str, unit: str = "", description: str = ""
    ) -> UpDownCounter:
        how = (name, unit, description)
        return CurrentUpDownCounter(
            Each(lambda whose: self._meter(whose).create_up_down_counter(*how))
        )

    def create_histogram(
        self,
        name: str,
        unit: str = "",
        description: str = "",
        *,
        explicit_bucket_boundaries_advisory: Sequence[float] | None = None,
    ) -> Histogram:
        def make(whose: Providers) -> Histogram:
            return self._meter(whose).create_histogram(
                name,
                unit,
                description,
                explicit_bucket_boundaries_advisory=explicit_bucket_boundaries_advisory,
            )

        return CurrentHistogram(Each(make))

    def create_gauge(self, name: str, unit: str = "", description: str = "") -> Gauge:
        how = (name, unit, description)
        return CurrentGauge(Each(lambda whose: self._meter(whose).create_gauge(*how)))

    def create_observable_counter(
        self,
        name: str,
        callbacks: Sequence[CallbackT] | None = None,
        unit: str = "",
        description: str = "",
    ) -> ObservableCounter:
        how = (name, callbacks, unit, description)
        nothing: ObservableCounter = NoOpObservableCounter(*how)
        return self._observing(
            lambda whose: self._meter(whose).create_observable_counter(*how), nothing
        )

    def create_observable_gauge(
        self,
        name: str,
        callbacks: Sequence[CallbackT] | None = None,
        unit: str = "",
        description: str = "",
    ) -> ObservableGauge:
        how = (name, callbacks, unit, description)
        nothing: ObservableGauge = NoOpObservableGauge(*how)
        return self._observing(
            lambda whose: self._meter(whose).create_observable_gauge(*how), nothing
        )

    def create_observable_up_down_counter(
        self,
        name: str,
        callbacks: Sequence[CallbackT] | None = None,
        unit: str = "",
        description: str = "",
    ) -> ObservableUpDownCounter:
        how = (name, callbacks, unit, description)
        nothing: ObservableUpDownCounter = NoOpObservableUpDownCounter(*how)
        return self._observing(
            lambda whose: self._meter(whose).create_observable_up_down_counter(*how), nothing
        )


class CurrentCounter(Counter):
    def __init__(self, counters: Each[Counter]) -> None:
        self._counters = counters

    def add(self, amount: float, *args: Any, **kwargs: Any) -> None:
        self._counters.here().add(amount, *args, **kwargs)


class CurrentUpDownCounter(UpDownCounter):
    def __init__(self, counters: Each[UpDownCounter]) -> None:
        self._counters = counters

    def add(self, amount: float, *args: Any, **kwargs: Any) -> None:
        self._counters.here().add(amount, *args, **kwargs)


class CurrentHistogram(Histogram):
    def __init__(self, histograms: Each[Histogram]) -> None:
        self._histograms = histograms

    def record(self, amount: float, *args: Any, **kwargs: Any) -> None:
        self._histograms.here().record(amount, *args, **kwargs)


class CurrentGauge(Gauge):
    def __init__(self, gauges: Each[Gauge]) -> None:
        self._gauges = gauges

    def set(self, amount: float, *args: Any, **kwargs: Any) -> None:
        self._gauges.here().set(amount, *args, **kwargs)
