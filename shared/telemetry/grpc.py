"""OTLP over gRPC, by the SDK's own exporter; imported only when asked for."""

from collections.abc import Callable, Sequence

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from shared.settings import TelemetrySettings
from shared.telemetry.delivery import Outcome


def grpc_sender(told: TelemetrySettings) -> Callable[[Sequence[ReadableSpan]], Outcome]:
    """Sends a batch of spans to `told.traces_endpoint`, as in http://jaeger:4317."""
    exporter = OTLPSpanExporter(
        endpoint=told.traces_endpoint,
        insecure=not told.traces_endpoint.startswith("https"),
        headers=dict(told.headers),
        timeout=told.timeout,
    )

    def send(spans: Sequence[ReadableSpan]) -> Outcome:
        if exporter.export(spans) is SpanExportResult.SUCCESS:
            return Outcome.DELIVERED
        return Outcome.REFUSED  # the SDK has tried again for as long as its timeout allows

    return send
