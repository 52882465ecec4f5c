"""Meters and instruments that are one for each service: the service at work is found at each
measurement.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from opentelemetry.metrics import (
    CallbackT,
    Counter,
    Histogram,
    Meter,
    MeterProvider,
    NoOpObservableCounter,
    NoOpObservableGauge,
    NoOpObservableUpDownCounter,
    ObservableCounter,
    ObservableGauge,
    ObservableUpDownCounter,
    UpDownCounter,
)
from opentelemetry.metrics import _Gauge as Gauge
from opentelemetry.util.types import Attributes

from shared.telemetry.current import Each, Nothing, Providers, current

T = TypeVar("T")


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
