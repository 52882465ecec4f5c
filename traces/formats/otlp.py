"""Reads the messages of OTLP, as protobuf has them, as spans and log lines."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from traces.formats.decoded import Decoded, NotKept, Recorder
from traces.formats.fields import HEX, LATEST
from traces.formats.otlp_json_reader import body_text, severity_of
from traces.model import (
    NOTHING_DROPPED,
    PLAIN,
    Dropped,
    Event,
    Exemplar,
    Kind,
    Link,
    LogLine,
    Origin,
    Span,
    Status,
    service_name,
)

NO_TRACE, NO_SPAN = bytes(16), bytes(8)
KINDS, STATUSES = tuple(Kind), tuple(Status)


def spans(request: ExportTraceServiceRequest, limit: int | None = None) -> Decoded[Span]:
    """The spans of a request; raises TooMany if they are more than `limit`."""
    decoded: Decoded[Span] = Decoded(limit=limit)
    for group in request.resource_spans:
        resource = attributes(group.resource.attributes)
        service = service_name(resource)
        for scoped in group.scope_spans:
            recorder = recorder_of(group, scoped, service, resource)
            decoded.expect(len(scoped.spans))
            for span in scoped.spans:
                try:
                    decoded.taken.append(one_span(span, recorder))
                except NotKept as error:
                    decoded.reject(error, f"span {span.name!r}")
    return decoded


def recorder_of(
    group: trace_pb2.ResourceSpans | logs_pb2.ResourceLogs,
    scoped: trace_pb2.ScopeSpans | logs_pb2.ScopeLogs,
    service: str,
    resource: dict[str, Any],
) -> Recorder:
    scope = scoped.scope
    origin = Origin(
        group.schema_url,
        group.resource.dropped_attributes_count,
        attributes(scope.attributes),
        scoped.schema_url,
        scope.dropped_attributes_count,
    )
    known = PLAIN if origin == PLAIN else origin
    return Recorder(service, resource, scope.name, scope.version, known)


def one_span(span: trace_pb2.Span, recorder: Recorder) -> Span:
    # Each look into a protobuf message costs as much as ten lines of Python: every field only once.
    trace_id, span_id, parent_id = span.trace_id, span.span_id, span.parent_span_id
    start_ns, end_ns, kind = span.start_time_unix_nano, span.end_time_unix_nano, span.kind
    if len(trace_id) != 16 or trace_id == NO_TRACE:
        raise NotKept("trace id", f"trace_id {wrong_id(trace_id, 16)}")
    if len(span_id) != 8 or span_id == NO_SPAN:
        raise NotKept("span id", f"span_id {wrong_id(span_id, 8)}")
    if len(parent_id) not in (0, 8):
        raise NotKept("parent id", f"parent_span_id {wrong_id(parent_id, 8)}")
    if start_ns > LATEST or end_ns > LATEST:
        late = max(start_ns, end_ns)
        raise NotKept("time", f"the time {late} of span {span_id.hex()} is after the year 2262")
    status = span.status
    code = status.code
    dropped = NOTHING_DROPPED
    if span.dropped_attributes_count or span.dropped_events_count or span.dropped_links_count:
        dropped = Dropped(
            span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count
        )
    service, resource, scope, scope_version, origin = recorder
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
        dropped,
        origin,
    )


def event(event: trace_pb2.Span.Event) -> Event:
    return Event(
        event.time_unix_nano,
        event.name,
        attributes(event.attributes),
        event.dropped_attributes_count,
    )


def link(link: trace_pb2.Span.Link) -> Link:
    trace_id, span_id = link.trace_id, link.span_id
    # A link to nothing is allowed: it may be there for its attributes.
    if len(trace_id) not in (0, 16):
        raise NotKept("link", f"trace_id of a link {wrong_id(trace_id, 16)}")
    if len(span_id) not in (0, 8):
        raise NotKept("link", f"span_id of a link {wrong_id(span_id, 8)}")
    return Link(
        trace_id.hex() if trace_id != NO_TRACE else "",
        span_id.hex() if span_id != NO_SPAN else "",
        attributes(link.attributes),
        link.trace_state,
        link.flags,
        link.dropped_attributes_count,
    )


def wrong_id(found: bytes, length: int) -> str:
    """What is wrong with an id, and the form that is wanted."""
    wanted = f"{length} bytes are wanted"
    if not found:
        return f"is missing: {wanted}"
    if not found.strip(b"\0"):
        return f"is all zero: {wanted}, not all of them zero"
    spelt = found.decode("ascii", "ignore")
    if len(found) == 2 * length and HEX.fullmatch(spelt):
        return f"is the {2 * length} letters {spelt}: {wanted}, not their hex digits"
    if len(found) * 2 == length * 3:
        return f"{found.hex()} has {len(found)} bytes, as hex read as base64 has: {wanted}"
    return f"{found.hex()} has {len(found)} bytes: {wanted}"


def log_lines(request: ExportLogsServiceRequest, limit: int | None = None) -> Decoded[LogLine]:
    """The log records of a request; raises TooMany if they are more than `limit`."""
    decoded: Decoded[LogLine] = Decoded(limit=limit)
    for group in request.resource_logs:
        resource = attributes(group.resource.attributes)
        service = service_name(resource)
        for scoped in group.scope_logs:
            recorder = recorder_of(group, scoped, service, resource)
            decoded.expect(len(scoped.log_records))
            for record in scoped.log_records:
                try:
                    decoded.taken.append(one_line(record, recorder))
                except NotKept as error:
                    decoded.reject(error, "a log record")
    return decoded


def one_line(record: logs_pb2.LogRecord, recorder: Recorder) -> LogLine:
    time_ns = record.time_unix_nano or record.observed_time_unix_nano
    trace_id, span_id = record.trace_id, record.span_id
    if len(trace_id) not in (0, 16):
        raise NotKept("trace id", f"trace_id {wrong_id(trace_id, 16)}")
    if len(span_id) not in (0, 8):
        raise NotKept("span id", f"span_id {wrong_id(span_id, 8)}")
    if time_ns > LATEST:
        raise NotKept("time", f"its time {time_ns} is after the year 2262")
    severity, level = severity_of(record.severity_text, record.severity_number)
    return LogLine(
        time_ns,
        trace_id.hex() if trace_id.strip(b"\0") else None,
        span_id.hex() if span_id.strip(b"\0") else None,
        recorder.service,
        severity,
        body_text(value_of(record.body)),
        attributes(record.attributes),
        level,
        record.event_name,
        record.flags,
        record.dropped_attributes_count,
        *recorder[1:],
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


def exemplars(request: ExportMetricsServiceRequest) -> list[Exemplar]:
    """The exemplars of a request that name a span."""
    return [
        Exemplar(
            service_name(attributes(group.resource.attributes)),
            metric.name,
            metric.unit,
            float(getattr(one, one.WhichOneof("value") or "as_double")),
            one.time_unix_nano,
            one.trace_id.hex(),
            one.span_id.hex(),
            attributes((*point.attributes, *one.filtered_attributes)),
        )
        for group in request.resource_metrics
        for scoped in group.scope_metrics
        for metric in scoped.metrics
        if (kind := metric.WhichOneof("data")) and kind != "summary"
        for point in getattr(metric, kind).data_points
        for one in point.exemplars
        if len(one.trace_id) == 16 and len(one.span_id) == 8 and one.time_unix_nano <= LATEST
    ]


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    # Most values are strings; asking which kind a value is costs more than trying.
    return {pair.key: (value := pair.value).string_value or value_of(value) for pair in pairs}


def value_of(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    read = NESTED.get(kind)
    return read(value) if read else getattr(value, kind)


NESTED: Mapping[str, Callable[[AnyValue], Any]] = {
    "array_value": lambda value: [value_of(item) for item in value.array_value.values],
    "kvlist_value": lambda value: attributes(value.kvlist_value.values),
}
