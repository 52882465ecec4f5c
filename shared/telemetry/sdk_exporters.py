"""The SDK's exporters, for ACME_EXPORTER=sdk. grpcio and requests are heavy: they are imported by
whoever uses them.
"""

# ruff: noqa: PLC0415

import logging
from typing import Any

from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.metrics.export import MetricExporter
from opentelemetry.sdk.trace.export import SpanExporter

from shared.settings import Otlp

QUIET_SECONDS = 120.0
GRPC_LOGGER = "opentelemetry.exporter.otlp.proto.grpc.exporter"


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


def sdk_span_exporter(otlp: Otlp) -> SpanExporter:
    if otlp.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import trace_exporter as grpc

        logging.getLogger(GRPC_LOGGER).addFilter(FirstOfMany())
        return grpc.OTLPSpanExporter(**over_grpc(otlp))
    from opentelemetry.exporter.otlp.proto.http import trace_exporter as http

    logging.getLogger(http.__name__).addFilter(FirstOfMany())
    return http.OTLPSpanExporter(**over_http(otlp))


def sdk_log_exporter(otlp: Otlp) -> LogRecordExporter:
    if otlp.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import _log_exporter as grpc

        logging.getLogger(GRPC_LOGGER).addFilter(FirstOfMany())
        return grpc.OTLPLogExporter(**over_grpc(otlp))
    from opentelemetry.exporter.otlp.proto.http import _log_exporter as http

    logging.getLogger(http.__name__).addFilter(FirstOfMany())
    return http.OTLPLogExporter(**over_http(otlp))


def sdk_metric_exporter(otlp: Otlp) -> MetricExporter:
    if otlp.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc import metric_exporter as grpc

        logging.getLogger(GRPC_LOGGER).addFilter(FirstOfMany())
        return grpc.OTLPMetricExporter(**over_grpc(otlp))
    from opentelemetry.exporter.otlp.proto.http import metric_exporter as http

    logging.getLogger(http.__name__).addFilter(FirstOfMany())
    return http.OTLPMetricExporter(**over_http(otlp))


def over_http(otlp: Otlp) -> dict[str, Any]:
    from opentelemetry.exporter.otlp.proto.http import Compression

    return {
        "endpoint": otlp.endpoint,
        "certificate_file": otlp.certificate,
        "client_key_file": otlp.client_key,
        "client_certificate_file": otlp.client_certificate,
        "headers": dict(otlp.headers),
        "timeout": otlp.timeout,
        "compression": Compression(otlp.compression),
    }


def over_grpc(otlp: Otlp) -> dict[str, Any]:
    from shared.telemetry.otlp_grpc import compression, credentials, metadata

    return {
        "endpoint": otlp.endpoint,
        "credentials": credentials(otlp),
        "headers": metadata(otlp),
        "timeout": otlp.timeout,
        "compression": compression(otlp),
    }
