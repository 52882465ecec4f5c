"""OTLP JSON that a person uploads, as traces that are shown without being kept."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from lens.domain.model import Span, Trace
from lens.routes import otlp_decode
from lens.routes.otlp_body import Refused
from lens.routes.otlp_json import parse_json


def traces_of(body: bytes) -> list[Trace]:
    """The traces in the document, in the order of their first spans; raises Refused for none."""
    decoded = otlp_decode.spans(parse_json(body, ExportTraceServiceRequest()))
    if not decoded.taken:
        raise Refused(400, decoded.reason or "there is no span in the document")
    spans: dict[str, list[Span]] = {}
    for span in decoded.taken:
        spans.setdefault(span.trace_id, []).append(span)
    return [
        Trace(trace_id, tuple(sorted(own, key=lambda span: span.start_ns)))
        for trace_id, own in spans.items()
    ]
