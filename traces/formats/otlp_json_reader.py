"""Reads OTLP JSON, entry by entry: one that cannot be kept does not take the others with it.

Fields may be spelt as OTLP JSON has them or as in its proto (`trace_id`), enumerations be numbers
or names. Unknown fields are ignored, as OTLP demands.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from traces.formats import fields
from traces.formats.decoded import Decoded, NotKept, Recorder
from traces.formats.fields import (
    hex_id,
    hex_id_or_none,
    items,
    members,
    one_of,
    shown,
    text,
    time,
    whole,
)
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

MAX_DEPTH = 100
LARGEST = 2**63 - 1
WITH_UNDERSCORE = re.compile(r"_([a-z])")
KINDS, STATUSES = tuple(Kind), tuple(Status)
KIND_NAMES = {name: kind for kind in Kind for name in (f"SPAN_KIND_{kind.name}", kind.name)}
STATUS_NAMES = {
    name: status for status in Status for name in (f"STATUS_CODE_{status.name}", status.name)
}
SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SEVERITY_NUMBERS = tuple(range(25))
SEVERITY_NAMES = {
    f"{start}{word}{number if number > 1 else ''}": 4 * at + number
    for at, word in enumerate(SEVERITIES)
    for number in (1, 2, 3, 4)
    for start in ("SEVERITY_NUMBER_", "")
} | {"SEVERITY_NUMBER_UNSPECIFIED": 0, "UNSPECIFIED": 0}
# Words of other systems for the levels of OTLP.
LEVELS = {word: 4 * at + 1 for at, word in enumerate(SEVERITIES)} | {
    "VERBOSE": 1,
    "FINE": 5,
    "INFORMATION": 9,
    "INFORMATIONAL": 9,
    "NOTICE": 10,
    "WARNING": 13,
    "ERR": 17,
    "SEVERE": 17,
    "CRITICAL": 21,
    "PANIC": 21,
    "ALERT": 22,
    "EMERGENCY": 23,
}


def listed(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def spans(document: Mapping[str, Any], limit: int | None = None) -> Decoded[Span]:
    """The spans of a `TracesData`. Raises NotKept if its `resourceSpans` are no array, TooMany if
    there are more than `limit`.
    """
    decoded: Decoded[Span] = Decoded(limit=limit)
    for group in groups_of(document, "resourceSpans", decoded):
        read_group(group, decoded)
    return decoded


def groups_of(
    document: Mapping[str, Any], name: str, decoded: Decoded[Any]
) -> Iterator[Mapping[str, Any]]:
    """The objects of an array that stands at the top of a document."""
    for number, group in enumerate(items(camel(document).get(name), name)):
        try:
            yield camel(members(group, f"{name}[{number}]"))
        except NotKept as error:
            decoded.reject(error)


def read_group(group: Mapping[str, Any], decoded: Decoded[Span]) -> None:
    """The spans of one resource; what is wrong with it, or with a scope, is so for all of them."""
    # Before OTLP 1.0 scopes were called instrumentation libraries.
    scopes = group.get("scopeSpans") or group.get("instrumentationLibrarySpans")
    try:
        recorder = resource_of(group)
        for scoped in items(scopes, "scopeSpans"):
            read_scope(camel(members(scoped, "scopeSpans")), recorder, decoded)
    except NotKept as error:
        lost = sum(len(s["spans"]) for s in listed(scopes) if isinstance(s.get("spans"), list))
        decoded.reject(error, "all spans of a resource", max(1, lost))


def resource_of(group: Mapping[str, Any]) -> Recorder:
    """Who recorded what a group has, without the scope."""
    made_by = camel(members(group.get("resource"), "resource"))
    resource = attributes(made_by)
    origin = Origin(
        text(group.get("schemaUrl"), "schemaUrl"), uint32(made_by, "droppedAttributesCount")
    )
    return Recorder(service_name(resource), resource, origin=origin)


def read_scope(scoped: Mapping[str, Any], of: Recorder, decoded: Decoded[Span]) -> None:
    found = items(scoped.get("spans"), "spans")
    try:
        recorder = recorder_of(scoped, of)
    except NotKept as error:
        decoded.reject(error, "all spans of a scope", max(1, len(found)))
        return
    decoded.expect(len(found))
    for span in found:
        try:
            decoded.taken.append(one_span(span, recorder))
        except NotKept as error:
            decoded.reject(error, label(span))


def recorder_of(scoped: Mapping[str, Any], of: Recorder) -> Recorder:
    """Who recorded the spans of a scope of this resource."""
    scope = camel(members(scoped.get("scope") or scoped.get("instrumentationLibrary"), "scope"))
    origin = replace(
        of.origin,
        scope_attributes=attributes(scope),
        scope_schema=text(scoped.get("schemaUrl"), "schemaUrl"),
        scope_dropped=uint32(scope, "droppedAttributesCount"),
    )
    return of._replace(
        scope=text(scope.get("name"), "scope name"),
        scope_version=text(scope.get("version"), "scope version"),
        origin=PLAIN if origin == PLAIN else origin,
    )


def label(span: Any) -> str:
    """Which span is meant, by its name, as its id may be what is wrong."""
    name = span.get("name") if isinstance(span, dict) else None
    return f"span {shown(name)}" if name and isinstance(name, str) else "a span"


def one_span(given: Any, recorder: Recorder) -> Span:
    span = camel(members(given, "a span"))
    status = members(span.get("status"), "status")
    dropped = (
        uint32(span, "droppedAttributesCount"),
        uint32(span, "droppedEventsCount"),
        uint32(span, "droppedLinksCount"),
    )
    return Span(
        hex_id(span.get("traceId"), 32, "traceId", "trace id"),
        hex_id(span.get("spanId"), 16, "spanId", "span id"),
        hex_id_or_none(span.get("parentSpanId"), 16, "parentSpanId", "parent id"),
        recorder.service,
        text(span.get("name"), "name"),
        one_of(span.get("kind"), KIND_NAMES, KINDS, "kind"),
        time(span.get("startTimeUnixNano"), "startTimeUnixNano"),
        time(span.get("endTimeUnixNano"), "endTimeUnixNano"),
        one_of(status.get("code"), STATUS_NAMES, STATUSES, "status code"),
        text(status.get("message"), "status message"),
        attributes(span),
        recorder.resource,
        recorder.scope,
        recorder.scope_version,
        tuple(map(one_event, items(span.get("events"), "events"))),
        tuple(map(one_link, items(span.get("links"), "links"))),
        text(span.get("traceState"), "traceState"),
        uint32(span, "flags"),
        Dropped(*dropped) if any(dropped) else NOTHING_DROPPED,
        recorder.origin,
    )


def one_event(given: Any) -> Event:
    event = camel(members(given, "an event"))
    when = whole(event.get("timeUnixNano"), "timeUnixNano", 0, 2**64 - 1, "time")
    return Event(
        when,
        text(event.get("name"), "event name"),
        attributes(event),
        uint32(event, "droppedAttributesCount"),
    )


def one_link(given: Any) -> Link:
    link = camel(members(given, "a link"))
    # A link to nothing is allowed: it may be there for its attributes.
    return Link(
        hex_id_or_none(link.get("traceId"), 32, "traceId of a link", "link") or "",
        hex_id_or_none(link.get("spanId"), 16, "spanId of a link", "link") or "",
        attributes(link),
        text(link.get("traceState"), "traceState of a link"),
        uint32(link, "flags"),
        uint32(link, "droppedAttributesCount"),
    )


def uint32(entity: Mapping[str, Any], name: str) -> int:
    value = entity.get(name)
    return whole(value, name, 0, 2**32 - 1) if value else 0


def attributes(entity: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a resource, scope, span, event or link."""
    pairs = entity.get("attributes")
    return mapping(pairs, MAX_DEPTH) if pairs else {}


def mapping(pairs: Any, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for given in items(pairs, "attributes"):
        pair = members(given, "an attribute")
        key = text(pair.get("key"), "key of an attribute")
        found[key] = value_of(pair.get("value"), key, depth)
    return found


def value_of(value: Any, key: str, depth: int = MAX_DEPTH) -> Any:
    """The value in an `AnyValue`; without one it is None."""
    if value is None:
        return None
    if type(value) is not dict:
        form = '{"stringValue": "…"}'
        raise NotKept("attribute", f"attribute {key} is {shown(value)}, not an object like {form}")
    if depth == 0:
        raise NotKept("attribute", f"attribute {key} is nested more than {MAX_DEPTH} levels deep")
    for kind, content in value.items():
        read = VALUES.get(kind)
        if read is not None and content is not None:
            return read(content, key, depth)
    return None


def boolean(value: Any, key: str, _: int) -> bool:
    if isinstance(value, bool):
        return value
    raise NotKept("attribute", f"attribute {key} is {shown(value)}, not true or false")


def array(value: Any, key: str, depth: int) -> list[Any]:
    values = items(members(value, key).get("values"), key)
    return [value_of(item, key, depth - 1) for item in values]


VALUES: Mapping[str, Callable[[Any, str, int], Any]] = {
    "stringValue": lambda value, key, _: text(value, f"attribute {key}"),
    "boolValue": boolean,
    "intValue": lambda value, key, _: whole(
        value, f"attribute {key}", -LARGEST - 1, LARGEST, "attribute"
    ),
    "doubleValue": lambda value, key, _: fields.real(value, f"attribute {key}"),
    "bytesValue": lambda value, key, _: fields.packed(value, f"attribute {key}"),
    "arrayValue": array,
    "kvlistValue": lambda value, key, depth: mapping(members(value, key).get("values"), depth - 1),
}
VALUES = {**VALUES, **{re.sub(r"V", "_v", name): read for name, read in VALUES.items()}}


def camel(entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entity with its fields spelt as in OTLP JSON."""
    if "_" not in "".join(entity):
        return entity
    return {WITH_UNDERSCORE.sub(lambda m: m[1].upper(), name): v for name, v in entity.items()}


def log_lines(document: Mapping[str, Any], limit: int | None = None) -> Decoded[LogLine]:
    """The log records of a `LogsData`; raises as `spans` does."""
    decoded: Decoded[LogLine] = Decoded(limit=limit)
    for group in groups_of(document, "resourceLogs", decoded):
        scopes = group.get("scopeLogs") or group.get("instrumentationLibraryLogs")
        try:
            of = resource_of(group)
            found = [
                (record, recorder)
                for scope in items(scopes, "scopeLogs")
                for scoped in [camel(members(scope, "scopeLogs"))]
                for recorder in [recorder_of(scoped, of)]
                for record in items(scoped.get("logRecords"), "logRecords")
            ]
        except NotKept as error:
            decoded.reject(error, "all log records of a resource")
            continue
        decoded.expect(len(found))
        for record, recorder in found:
            try:
                decoded.taken.append(one_line(record, recorder))
            except NotKept as error:
                decoded.reject(error, "a log record")
    return decoded


def one_line(given: Any, recorder: Recorder) -> LogLine:
    record = camel(members(given, "a log record"))
    number = one_of(record.get("severityNumber"), SEVERITY_NAMES, SEVERITY_NUMBERS, "severity")
    severity, level = severity_of(text(record.get("severityText"), "severityText"), number)
    return LogLine(
        time(record.get("timeUnixNano"), "timeUnixNano")
        or time(record.get("observedTimeUnixNano"), "observedTimeUnixNano"),
        hex_id_or_none(record.get("traceId"), 32, "traceId", "trace id"),
        hex_id_or_none(record.get("spanId"), 16, "spanId", "span id"),
        recorder.service,
        severity,
        body_text(value_of(record.get("body"), "body")),
        attributes(record),
        level,
        text(record.get("eventName"), "eventName"),
        uint32(record, "flags"),
        uint32(record, "droppedAttributesCount"),
        *recorder[1:],
    )


def severity_of(word: str, number: int) -> tuple[str, int]:
    """Word and number of a severity, each by the other where only that was sent."""
    number = number if 0 <= number <= 24 else 0
    spelt = word.upper() or (SEVERITIES[(number - 1) // 4] if number else "")
    return spelt, number or LEVELS.get(spelt, 0)


def body_text(body: Any) -> str:
    """The body of a log record as text; one that is absent is empty."""
    if body is None or isinstance(body, str):
        return body or ""
    return json.dumps(body, default=str)


def data_points(document: Mapping[str, Any]) -> int:
    """How many measured values a `MetricsData` carries."""
    return sum(
        len(data["dataPoints"])
        for group in groups_of(document, "resourceMetrics", Decoded())
        for scoped in listed(group.get("scopeMetrics"))
        for metric in listed(scoped.get("metrics"))
        for data in metric.values()
        if isinstance(data, dict) and isinstance(data.get("dataPoints"), list)
    )


def exemplars(document: Mapping[str, Any]) -> list[Exemplar]:
    """The exemplars of a `MetricsData` that name a span, as far as they can be read."""
    found: list[Exemplar] = []
    for group in groups_of(document, "resourceMetrics", Decoded()):
        with suppress(NotKept):
            service = resource_of(group).service
            for scoped in listed(group.get("scopeMetrics")):
                for metric in listed(scoped.get("metrics")):
                    found.extend(of_metric(metric, service))
    return found


def of_metric(metric: Mapping[str, Any], service: str) -> Iterator[Exemplar]:
    for data in metric.values():
        points = data.get("dataPoints") if isinstance(data, dict) else None
        for point in map(camel, listed(points)):
            for one in map(camel, listed(point.get("exemplars"))):
                with suppress(NotKept):
                    yield one_exemplar(one, attributes(point), metric, service)


def one_exemplar(
    one: Mapping[str, Any], of_point: Mapping[str, Any], metric: Mapping[str, Any], service: str
) -> Exemplar:
    number = one.get("asDouble") if "asDouble" in one else one.get("asInt")
    own = mapping(one.get("filteredAttributes"), MAX_DEPTH)
    return Exemplar(
        service,
        text(metric.get("name"), "metric name"),
        text(metric.get("unit"), "unit"),
        fields.real(number, "value"),
        time(one.get("timeUnixNano"), "timeUnixNano"),
        hex_id(one.get("traceId"), 32, "traceId", "trace id"),
        hex_id(one.get("spanId"), 16, "spanId", "span id"),
        {**of_point, **own},
    )
