"""Reads OTLP: protobuf messages, or their JSON, as spans and log lines.

What cannot be kept is counted with the reason, as OTLP's partial success wants it.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1 import trace_pb2

from traces.model import Event, Kind, Link, LogLine, Span, Status, Trace, service_name

NO_TRACE, NO_SPAN = bytes(16), bytes(8)
LATEST = 2**63 - 1
KINDS, STATUSES = tuple(Kind), tuple(Status)
SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

IDS = {"traceId", "trace_id", "spanId", "span_id", "parentSpanId", "parent_span_id"}
MAX_DEPTH = 100

T = TypeVar("T")
M = TypeVar("M", bound=Message)


class NotOtlp(ValueError):
    """A document that is no OTLP; the message says why."""


class NotKept(ValueError):
    """An entry that cannot be kept as what it claims to be; the message says why."""


@dataclass
class Decoded(Generic[T]):
    """What a request carried, and how many of its entries were rejected, with the last reason."""

    taken: list[T] = field(default_factory=list)
    rejected: int = 0
    reason: str = ""

    def reject(self, reason: str) -> None:
        self.rejected += 1
        self.reason = reason


def spans(request: ExportTraceServiceRequest) -> Decoded[Span]:
    decoded: Decoded[Span] = Decoded()
    for group in request.resource_spans:
        resource = attributes(group.resource.attributes)
        service = service_name(resource)
        for scoped in group.scope_spans:
            scope, version = scoped.scope.name, scoped.scope.version
            for span in scoped.spans:
                try:
                    decoded.taken.append(one_span(span, service, resource, scope, version))
                except NotKept as reason:
                    decoded.reject(str(reason))
    return decoded


def one_span(
    span: trace_pb2.Span, service: str, resource: dict[str, Any], scope: str, scope_version: str
) -> Span:
    # Each look into a protobuf message costs as much as ten lines of Python: every field only once.
    trace_id, span_id, parent_id = span.trace_id, span.span_id, span.parent_span_id
    start_ns, end_ns, kind = span.start_time_unix_nano, span.end_time_unix_nano, span.kind
    if len(trace_id) != 16 or trace_id == NO_TRACE:
        raise NotKept(f"trace_id {trace_id.hex()} is not 16 bytes other than zero")
    if len(span_id) != 8 or span_id == NO_SPAN:
        raise NotKept(f"span_id {span_id.hex()} is not 8 bytes other than zero")
    if len(parent_id) not in (0, 8):
        raise NotKept(f"parent_span_id {parent_id.hex()} is neither empty nor 8 bytes")
    if start_ns > LATEST or end_ns > LATEST:
        raise NotKept(f"a time of span {span_id.hex()} is after the year 2262")
    status = span.status
    code = status.code
    return Span(
        trace_id.hex(),
        span_id.hex(),
        parent_id.hex() if parent_id and parent_id != NO_SPAN else None,
        service,
        span.name,
        KINDS[kind] if 0 <= kind < len(KINDS) else Kind.UNSPECIFIED,
        start_ns,
        end_ns,
        STATUSES[code] if 0 <= code < len(STATUSES) else Status.UNSET,
        status.message,
        attributes(span.attributes),
        resource,
        scope,
        scope_version,
        tuple(map(event, span.events)),
        tuple(map(link, span.links)),
        span.trace_state,
        span.flags,
    )


def event(event: trace_pb2.Span.Event) -> Event:
    return Event(event.time_unix_nano, event.name, attributes(event.attributes))


def link(link: trace_pb2.Span.Link) -> Link:
    return Link(link.trace_id.hex(), link.span_id.hex(), attributes(link.attributes))


def log_lines(request: ExportLogsServiceRequest) -> Decoded[LogLine]:
    decoded: Decoded[LogLine] = Decoded()
    for group in request.resource_logs:
        service = service_name(attributes(group.resource.attributes))
        for scoped in group.scope_logs:
            for record in scoped.log_records:
                time_ns = record.time_unix_nano or record.observed_time_unix_nano
                if len(record.trace_id) not in (0, 16) or len(record.span_id) not in (0, 8):
                    decoded.reject("an id of a log record is of a wrong length")
                elif time_ns > LATEST:
                    decoded.reject("the time of a log record is after the year 2262")
                else:
                    decoded.taken.append(one_line(record, service, time_ns))
    return decoded


def one_line(record: LogRecord, service: str, time_ns: int) -> LogLine:
    body = value_of(record.body)
    level = SEVERITIES[min(max(record.severity_number - 1, 0) // 4, 5)]
    return LogLine(
        time_ns,
        record.trace_id.hex() if record.trace_id.strip(b"\0") else None,
        record.span_id.hex() if record.span_id.strip(b"\0") else None,
        service,
        record.severity_text.upper() or (level if record.severity_number else ""),
        body if isinstance(body, str) else json.dumps(body, default=str),
        attributes(record.attributes),
    )


def data_points(request: ExportMetricsServiceRequest) -> int:
    """How many measured values a request carries."""
    return sum(
        len(getattr(metric, kind).data_points)
        for group in request.resource_metrics
        for scoped in group.scope_metrics
        for metric in scoped.metrics
        if (kind := metric.WhichOneof("data"))
    )


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    # Most values are strings; asking which kind a value is costs more than trying.
    return {pair.key: pair.value.string_value or value_of(pair.value) for pair in pairs}


def value_of(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "string_value":
        return value.string_value
    if kind is None:
        return None
    if kind == "array_value":
        return [value_of(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return attributes(value.kvlist_value.values)
    return getattr(value, kind)


def by_trace(spans: Iterable[Span]) -> list[Trace]:
    """The spans as traces, in the order of their first spans."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return [Trace.of(trace_id, own) for trace_id, own in traces.items()]


def parse_json(body: bytes, message: M) -> M:
    """`message`, filled from the JSON of OTLP, whose ids are hex; unknown fields are ignored.

    Raises NotOtlp.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotOtlp(f"the body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise NotOtlp(f"the body is a JSON {type(document).__name__}, not an object")
    try:
        with_base64_ids = in_base64(document, MAX_DEPTH)
        return json_format.ParseDict(with_base64_ids, message, ignore_unknown_fields=True)
    except NotOtlp:
        raise
    except (json_format.ParseError, ValueError, TypeError, AttributeError) as error:
        raise NotOtlp(f"the body is not OTLP: {error}") from None


def in_base64(value: Any, depth: int) -> Any:
    """The document with its hex ids in base64, which is what protobuf reads bytes from."""
    if depth == 0:
        raise NotOtlp(f"the body is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list):
        return [in_base64(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {
            key: id_in_base64(key, item) if key in IDS else in_base64(item, depth - 1)
            for key, item in value.items()
        }
    return value


def id_in_base64(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise NotOtlp(f"{key} is a JSON {type(value).__name__}, not a string of hex digits")
    try:
        return base64.b64encode(binascii.unhexlify(value)).decode()
    except ValueError:
        # Not an id. As one byte it is of no valid length, so that only this span is rejected.
        return base64.b64encode(b"?").decode()
