"""Reads the JSON of Jaeger, as its API answers it and its UI downloads it, span by span."""

from collections.abc import Callable, Mapping
from typing import Any

from traces.formats import fields
from traces.formats.decoded import Decoded, NotKept
from traces.formats.fields import LATEST, items, members, padded_id, shown, text, whole
from traces.model import Event, Kind, Link, Span, Status, service_name

KINDS = {kind.word: kind for kind in Kind}
WARNINGS = "jaeger.warnings"
LARGEST = 2**63 - 1


def spans(document: Mapping[str, Any]) -> Decoded[Span]:
    """The spans of an answer of the API, or of one of the traces in it."""
    decoded: Decoded[Span] = Decoded()
    for trace in items(document["data"], "data") if "data" in document else [document]:
        try:
            read_trace(members(trace, "a trace"), decoded)
        except NotKept as error:
            decoded.reject(error, "a trace")
    return decoded


def read_trace(trace: Mapping[str, Any], decoded: Decoded[Span]) -> None:
    processes = members(trace.get("processes"), "processes")
    resources: dict[str, dict[str, Any]] = {}
    for span in items(trace.get("spans"), "spans"):
        try:
            decoded.taken.append(one_span(members(span, "a span"), processes, resources))
        except NotKept as error:
            name = span.get("operationName") if isinstance(span, dict) else None
            decoded.reject(error, f"span {shown(name)}" if name else "a span")


def one_span(
    span: Mapping[str, Any], processes: Mapping[str, Any], resources: dict[str, dict[str, Any]]
) -> Span:
    resource = resource_of(span, processes, resources)
    trace_id = padded_id(span.get("traceID"), 32, "traceID", "trace id")
    tags = tags_of(span.get("tags"))
    if warnings := items(span.get("warnings"), "warnings"):
        tags[WARNINGS] = [text(warning, "a warning") for warning in warnings]
    status, message = status_of(tags)
    parent_id, links = related(span, trace_id)
    start_ns = nanoseconds(span.get("startTime"), "startTime")
    return Span(
        trace_id=trace_id,
        span_id=padded_id(span.get("spanID"), 16, "spanID", "span id"),
        parent_id=parent_id,
        service=service_name(resource),
        name=text(span.get("operationName"), "operationName"),
        kind=kind_of(tags),
        start_ns=start_ns,
        end_ns=min(start_ns + nanoseconds(span.get("duration"), "duration"), LATEST),
        status=status,
        status_message=message,
        scope=taken(tags, "otel.scope.name") or taken(tags, "otel.library.name"),
        scope_version=taken(tags, "otel.scope.version") or taken(tags, "otel.library.version"),
        trace_state=taken(tags, "w3c.tracestate"),
        attributes=tags,
        resource=resource,
        events=tuple(one_event(members(log, "a log")) for log in items(span.get("logs"), "logs")),
        links=links,
        flags=whole(span.get("flags"), "flags", 0, 2**32 - 1),
    )


def resource_of(
    span: Mapping[str, Any], processes: Mapping[str, Any], resources: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The process of a span, by its number or within it; spans of one process share one object."""
    if "process" in span:
        return resource(members(span["process"], "process"))
    number = text(span.get("processID"), "processID")
    if number not in processes:
        raise NotKept("process", f"processID {shown(number)} is none of the trace's processes")
    if number not in resources:
        resources[number] = resource(members(processes[number], f"process {number}"))
    return resources[number]


def resource(process: Mapping[str, Any]) -> dict[str, Any]:
    name = text(process.get("serviceName"), "serviceName")
    return {"service.name": name, **tags_of(process.get("tags"))}


def nanoseconds(value: Any, field: str) -> int:
    """Microseconds, as nanoseconds."""
    return whole(value, field, 0, LATEST // 1000, "time") * 1000


def kind_of(tags: dict[str, Any]) -> Kind:
    """The kind that the tag says; one that OpenTelemetry does not have stays a tag."""
    kind = KINDS.get(str(tags.get("span.kind", "")).lower())
    if kind is None:
        return Kind.UNSPECIFIED
    del tags["span.kind"]
    return kind


def status_of(tags: dict[str, Any]) -> tuple[Status, str]:
    """The status and its message, from the tags of OpenTelemetry or the one of OpenTracing."""
    code = str(tags.pop("otel.status_code", "UNSET")).upper()
    failed = tags.get("error") in (True, "true")
    if failed or tags.get("error") in (False, "false"):
        del tags["error"]
    status = Status.ERROR if failed else Status.__members__.get(code, Status.UNSET)
    return status, taken(tags, "otel.status_description")


def taken(tags: dict[str, Any], key: str) -> str:
    value = tags.pop(key, "")
    return value if isinstance(value, str) else str(value)


def related(span: Mapping[str, Any], trace_id: str) -> tuple[str | None, tuple[Link, ...]]:
    """The id of the parent, and what else the span refers to. The first CHILD_OF within the trace
    is the parent.
    """
    parent_id: str | None = None
    links: list[Link] = []
    for given in items(span.get("references"), "references"):
        reference = members(given, "a reference")
        of = padded_id(reference.get("traceID"), 32, "traceID of a reference", "reference")
        to = padded_id(reference.get("spanID"), 16, "spanID of a reference", "reference")
        is_parent = reference.get("refType") == "CHILD_OF"
        if is_parent and parent_id is None and of == trace_id:
            parent_id = to
        else:
            links.append(Link(of, to, {"opentracing.ref_type": "child_of"} if is_parent else {}))
    old = span.get("parentSpanID")
    if parent_id is None and old and str(old).strip("0"):
        parent_id = padded_id(old, 16, "parentSpanID", "parent id")
    return parent_id, tuple(links)


def one_event(log: Mapping[str, Any]) -> Event:
    tags = tags_of(log.get("fields"))
    return Event(nanoseconds(log.get("timestamp"), "timestamp"), taken(tags, "event"), tags)


def tags_of(tags: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for given in items(tags, "tags"):
        tag = members(given, "a tag")
        key = text(tag.get("key"), "key of a tag")
        found[key] = value_of(tag, f"tag {key}")
    return found


def value_of(tag: Mapping[str, Any], field: str) -> Any:
    """The value of a tag, as its type says; without a known type it is what the JSON says."""
    value, kind = tag.get("value"), str(tag.get("type", "")).lower()
    if kind in TYPES:
        return TYPES[kind](value, field)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole_number(value, field)
    return value if isinstance(value, bool | float | None) else text(value, field)


def whole_number(value: Any, field: str) -> int:
    return whole(value, field, -LARGEST - 1, LARGEST, "tag")


def boolean(value: Any, field: str) -> bool:
    if value in (True, False, "true", "false"):
        return value in (True, "true")
    raise NotKept("tag", f"{field} is {shown(value)}, not true or false")


TYPES: Mapping[str, Callable[[Any, str], Any]] = {
    "int64": whole_number,
    "float64": fields.real,
    "binary": fields.packed,
    "bool": boolean,
}
