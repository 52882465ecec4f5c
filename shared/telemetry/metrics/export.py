"""How metrics leave: every so often, all series at once, from a thread of the SDK's reader.

They are cumulative: an export that fails loses no measurement, since the next one has them all. So
nothing is tried again, and a backend that is unavailable costs one log line, and one attempt in
each interval.
"""

# ruff: noqa: ARG002 - the signatures are those of MetricExporter

import logging
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
from shared.telemetry.otlp_http import ExportResult, OtlpHttp

QUIET_SECONDS = 120.0
GRPC_LOGGER = "opentelemetry.exporter.otlp.proto.grpc.exporter"

log = logging.getLogger(__name__)


class OtlpMetricExporter(MetricExporter):
    """Posts what was collected to an OTLP endpoint over HTTP. One log line says that the endpoint
    is unavailable, and one that it is available again.
    """

    def __init__(self, endpoint: OtlpHttp) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._unavailable_since: float | None = None
        self._closed = False

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        if self._closed:
            return MetricExportResult.FAILURE
        result = self._endpoint.post(encode_metrics(metrics_data).SerializeToString())
        if result is ExportResult.SUCCESS:
            self._note_available()
            return MetricExportResult.SUCCESS
        if result is ExportResult.RETRYABLE:
            self._note_unavailable()
        return MetricExportResult.FAILURE

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        self._closed = True
        self._endpoint.close()

    def _note_unavailable(self) -> None:
        if self._unavailable_since is None and not self._closed:
            self._unavailable_since = time.monotonic()
            log.warning("metrics cannot be exported for now: the next export will have them all")

    def _note_available(self) -> None:
        if self._unavailable_since is not None:
            seconds, self._unavailable_since = time.monotonic() - self._unavailable_since, None
            log.warning("metrics are exported again after %.1f s", seconds)


class FirstOfMany(logging.Filter):
    """Lets a record pass unless there was another within the last two minutes: a backend that is
    unavailable is reported once, where the SDK's exporters report each attempt.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        before, self._last = self._last, record.created
        return record.created - before > QUIET_SECONDS


def metric_exporter(settings: TelemetrySettings) -> MetricExporter:
    """Sends metrics to their endpoint, by the SDK's exporter where that is wanted, or gRPC; or
    prints them.
    """
    if settings.metrics == "console":
        return ConsoleMetricExporter(out=sys.stdout, formatter=as_line)
    otlp = settings.metrics_otlp
    # grpcio and requests are heavy: they are imported only by those who use them.
    if otlp.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )

        from shared.telemetry.grpc import arguments_of  # noqa: PLC0415

        logging.getLogger(GRPC_LOGGER).addFilter(FirstOfMany())
        return OTLPMetricExporter(**arguments_of(otlp))
    if settings.exporter == "sdk":
        from opentelemetry.exporter.otlp.proto.http import Compression  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http import metric_exporter as http  # noqa: PLC0415

        logging.getLogger(http.__name__).addFilter(FirstOfMany())
        return http.OTLPMetricExporter(
            otlp.endpoint,
            certificate_file=otlp.certificate,
            client_key_file=otlp.client_key,
            client_certificate_file=otlp.client_certificate,
            headers=dict(otlp.headers),
            timeout=otlp.timeout,
            compression=Compression(otlp.compression),
        )
    return OtlpMetricExporter(OtlpHttp.of(otlp))


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
