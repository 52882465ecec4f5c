"""Spans as the bytes of an OTLP ExportTraceServiceRequest."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans as stock
from opentelemetry.sdk.trace import ReadableSpan


def encode_spans(spans: Sequence[ReadableSpan]) -> bytes:
    return stock(spans).SerializeToString()
