"""The metrics of a service: the provider of the OpenTelemetry API's, and those of every request."""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from opentelemetry.metrics import CallbackOptions, MeterProvider, NoOpMeterProvider, Observation
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import (
    InMemoryMetricReader,
    MetricExporter,
    MetricReader,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan

from shared import __version__
from shared.settings import TelemetrySettings
from shared.telemetry.export import ExportQueue
from shared.telemetry.metrics.durations import RedMetrics
from shared.telemetry.metrics.export import (
    WithProduced,
    metric_exporter,
    together,
)


@dataclass(frozen=True)
class Metrics:
    """Where metrics are off, the `provider` does nothing and `red` is None. Where they are pulled,
    `collect` gives all of them.
    """

    provider: MeterProvider
    red: RedMetrics | None = None
    collect: Callable[[], MetricsData] | None = None

    @classmethod
    def open(cls, settings: TelemetrySettings, resource: Resource) -> "Metrics":
        """Metrics as the settings say."""
        match settings.metrics:
            case "otlp" | "console":
                return cls.pushed(metric_exporter(settings), resource, settings)
            case "prometheus":
                return cls.pulled(resource, settings)
            case _:
                return cls.off()

    @classmethod
    def off(cls) -> "Metrics":
        return cls(NoOpMeterProvider())

    @classmethod
    def pulled(cls, resource: Resource, settings: TelemetrySettings) -> "Metrics":
        reader, red = InMemoryMetricReader(), red_metrics(settings)

        def collect() -> MetricsData:
            return together(reader.get_metrics_data(), red.produce(), resource)

        return cls(provider_of(reader, resource, settings), red, collect)

    @classmethod
    def pushed(
        cls, exporter: MetricExporter, resource: Resource, settings: TelemetrySettings
    ) -> "Metrics":
        """Metrics that go to `exporter` every so often, in a thread of the SDK's."""
        red = red_metrics(settings)
        reader = PeriodicExportingMetricReader(
            WithProduced(exporter, red.produce),
            settings.metric_interval * 1000,
            settings.metric_timeout * 1000,
        )
        return cls(provider_of(reader, resource, settings), red)

    def close(self, timeout: float) -> None:
        """Exports a last time, if that takes no longer than `timeout` seconds."""
        if isinstance(self.provider, sdk.MeterProvider):
            self.provider.shutdown(timeout * 1000)


def red_metrics(settings: TelemetrySettings) -> RedMetrics:
    return RedMetrics(exemplars=settings.exemplar_filter == "trace_based")


def provider_of(
    reader: MetricReader, resource: Resource, settings: TelemetrySettings
) -> MeterProvider:
    """The SDK's provider, with what is measured of the process. Measurements in the context of a
    sampled span become exemplars, unless the settings want none.
    """
    none = settings.exemplar_filter == "always_off"
    exemplars = sdk.AlwaysOffExemplarFilter() if none else sdk.TraceBasedExemplarFilter()
    provider = sdk.MeterProvider([reader], resource, exemplars, shutdown_on_exit=False)
    meter = provider.get_meter("acmeshop", __version__)
    started = time.monotonic()

    def uptime(_: CallbackOptions) -> Iterable[Observation]:
        yield Observation(time.monotonic() - started)

    def cpu_time(_: CallbackOptions) -> Iterable[Observation]:
        used = os.times()
        yield Observation(used.user, {"cpu.mode": "user"})
        yield Observation(used.system, {"cpu.mode": "system"})

    meter.create_observable_gauge(
        "process.uptime", [uptime], "s", "The time the process has been running."
    )
    meter.create_observable_counter(
        "process.cpu.time", [cpu_time], "s", "Total CPU seconds broken down by different states."
    )
    return provider


def observe_spans(meters: MeterProvider, queue: ExportQueue[ReadableSpan], exporter: str) -> None:
    """Measures the export of spans by the names that the SDKs of OpenTelemetry share, so that it
    is seen when some were dropped. `exporter` is the type of the component that sends them.
    """
    meter = meters.get_meter("acmeshop", __version__)
    of_queue = {
        "otel.component.type": "batching_span_processor",
        "otel.component.name": "batching_span_processor/0",
    }

    def processed(_: CallbackOptions) -> Iterable[Observation]:
        yield Observation(queue.exported + queue.failed, of_queue)
        yield Observation(queue.dropped - queue.failed, {**of_queue, "error.type": "queue_full"})

    meter.create_observable_counter(
        "otel.sdk.processor.span.processed",
        [processed],
        "{span}",
        "The number of spans for which the processing has finished.",
    )
    of_exporter = {"otel.component.type": exporter, "otel.component.name": f"{exporter}/0"}

    def exported(_: CallbackOptions) -> Iterable[Observation]:
        yield Observation(queue.exported, of_exporter)
        yield Observation(queue.failed, {**of_exporter, "error.type": "rejected"})

    meter.create_observable_counter(
        "otel.sdk.exporter.span.exported",
        [exported],
        "{span}",
        "The number of spans for which the export has finished, either successful or failed.",
    )
    meter.create_observable_up_down_counter(
        "otel.sdk.processor.span.queue.size",
        [lambda _: [Observation(queue.waiting, of_queue)]],
        "{span}",
        "The number of spans in the queue.",
    )
    meter.create_observable_up_down_counter(
        "otel.sdk.processor.span.queue.capacity",
        [lambda _: [Observation(queue.size, of_queue)]],
        "{span}",
        "The maximum number of spans the queue can hold.",
    )
