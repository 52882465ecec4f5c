"""How metrics leave: every so often, all series at once, from a thread of the SDK's reader.

They are cumulative: an export that fails loses no measurement, since the next one has them all. So
nothing is tried again, and a backend that is unavailable costs one log line, and one attempt in
each interval.
"""

# ruff: noqa: ARG002 - the signatures are those of MetricExporter

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource

from shared.settings import TelemetrySettings
from shared.telemetry.delivery import LONGEST_WAIT
from shared.telemetry.endpoint import Endpoint, ExportResult, Outage, Outcome
from shared.telemetry.export import endpoint_of
from shared.telemetry.sdk_exporters import sdk_metric_exporter


class OtlpMetricExporter(MetricExporter):
    """Sends what was collected to an OTLP endpoint. One log line says that the endpoint is
    unavailable, and one that it is available again. Where the backend asks to be left alone for a
    while, exports of that time are left out.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint, self._outage = endpoint, Outage(endpoint.url)
        self._not_before = 0.0
        self._closed = False

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        if self._closed or time.monotonic() < self._not_before:
            return MetricExportResult.FAILURE
        outcome = self._endpoint.post(encode_metrics(metrics_data).SerializeToString())
        self._not_before = time.monotonic() + min(outcome.wait, LONGEST_WAIT)
        if outcome.result is ExportResult.SUCCESS and not outcome.rejected:
            self._outage.end()
            return MetricExportResult.SUCCESS
        if not self._closed:
            self._outage.begin(*trouble(outcome))
        return MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._closed = True
        self._endpoint.close()


def trouble(outcome: Outcome) -> tuple[str, str]:
    """What is wrong, and why."""
    if outcome.rejected:
        return "rejects metrics it is sent", f"{outcome.rejected} points, {outcome.reason}"
    if outcome.result is ExportResult.FAILURE:
        return "refuses metrics", outcome.reason
    return "is unavailable, and the next export has all metrics", outcome.reason


def metric_exporter(settings: TelemetrySettings) -> MetricExporter:
    """Sends metrics to their endpoint, by the SDK's exporter where that is wanted; or prints
    them.
    """
    if settings.metrics == "console":
        return ConsoleMetricExporter(out=sys.stdout, formatter=as_line)
    otlp = settings.metrics_otlp
    if settings.exporter == "sdk":
        return sdk_metric_exporter(otlp)
    return OtlpMetricExporter(endpoint_of(otlp, "metrics"))


def as_line(data: MetricsData) -> str:
    return f"{data.to_json(indent=None)}\n"


class WithProduced(MetricExporter):
    """Exports what the SDK collected together with what `produce` aggregated by itself."""

    def __init__(self, exporter: MetricExporter, produce: Callable[[], ScopeMetrics]) -> None:
        super().__init__()
        self._exporter, self._produce = exporter, produce

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        (resource,) = metrics_data.resource_metrics  # one provider has one
        return self._exporter.export(
            together(metrics_data, self._produce(), resource.resource), timeout_millis, **kwargs
        )

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._exporter.shutdown(timeout_millis, **kwargs)


def together(data: MetricsData | None, produced: ScopeMetrics, resource: Resource) -> MetricsData:
    """What the SDK collected, if anything, and what was aggregated beside it, as one."""
    extra = [produced] if produced.metrics else []
    if data is None:
        return MetricsData([ResourceMetrics(resource, extra, "")])
    (collected,) = data.resource_metrics
    return MetricsData([replace(collected, scope_metrics=[*collected.scope_metrics, *extra])])
