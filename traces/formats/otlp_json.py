"""Traces as the JSON of OTLP, written and read, and summaries as Jaeger writes them beside it."""

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from traces.model import Event, Kind, Link, Span, Status, Trace, service_name
from traces.summary import TraceSummary


def traces_json(traces: Iterable[Trace]) -> dict[str, Any]:
    """All traces as one `TracesData`, their spans grouped by resource and scope."""
    resources: dict[str, dict[str, Any]] = {}
    scopes: dict[tuple[str, str, str], list[Any]] = {}
    for span in (span for trace in traces for span in trace.spans):
        resource = attributes_json(span.resource)
        key = json.dumps(resource)
        group = resources.setdefault(key, {"resource": {"attributes": resource}, "scopeSpans": []})
        scope = (key, span.scope, span.scope_version)
        if scope not in scopes:
            scopes[scope] = []
            group["scopeSpans"].append(
                {
                    "scope": given(name=span.scope, version=span.scope_version),
                    "spans": scopes[scope],
                }
            )
        scopes[scope].append(span_json(span))
    return {"resourceSpans": list(resources.values())}


def span_json(span: Span) -> dict[str, Any]:
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **given(parentSpanId=span.parent_id, traceState=span.trace_state, flags=span.flags),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        **given(
            attributes=attributes_json(span.attributes),
            events=[event_json(event) for event in span.events],
            links=[link_json(link) for link in span.links],
        ),
        "status": given(code=span.status, message=span.status_message),
    }


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value; protobuf's JSON leaves the others out."""
    return {name: value for name, value in fields.items() if value}


def event_json(event: Event) -> dict[str, Any]:
    more = given(attributes=attributes_json(event.attributes))
    return {"timeUnixNano": str(event.time_ns), "name": event.name, **more}


def link_json(link: Link) -> dict[str, Any]:
    more = given(attributes=attributes_json(link.attributes))
    return {"traceId": link.trace_id, "spanId": link.span_id, **more}


def attributes_json(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value_json(value)} for key, value in attributes.items()]


def value_json(value: Any) -> dict[str, Any]:
    """An attribute's value with its type; whole numbers are text, as they may have 64 bits."""
    match value:
        case None:
            form: dict[str, Any] = {}
        case bool():
            form = {"boolValue": value}
        case int():
            form = {"intValue": str(value)}
        case float():
            form = {"doubleValue": value if math.isfinite(value) else not_finite(value)}
        case bytes():
            form = {"bytesValue": base64.b64encode(value).decode()}
        case list() | tuple():
            form = {"arrayValue": {"values": [value_json(item) for item in value]}}
        case Mapping():
            form = {"kvlistValue": {"values": attributes_json(value)}}
        case _:
            form = {"stringValue": str(value)}
    return form


def not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def summary_json(summary: TraceSummary) -> dict[str, Any]:
    """One entry of `summaries`."""
    return {
        "traceId": summary.trace_id,
        "rootServiceName": summary.root_service,
        "rootOperationName": summary.root_name,
        "minStartTimeUnixNano": str(summary.start_ns),
        "maxEndTimeUnixNano": str(summary.end_ns),
        "spanCount": summary.spans,
        "errorSpanCount": summary.errors,
        "orphanSpanCount": summary.orphans,
        "services": [
            {"name": share.name, "spanCount": share.spans, "errorSpanCount": share.errors}
            for share in summary.services
        ],
    }


def trace_of(trace_id: str, document: Mapping[str, Any]) -> Trace:
    """The trace with this id in a `TracesData` document; without a span if there is none of it.

    For documents of a backend: raises KeyError, TypeError or ValueError for what is none.
    """
    found = (span for span in spans_of(document) if span.trace_id == trace_id)
    return Trace.of(trace_id, found)


def spans_of(document: Mapping[str, Any]) -> Iterator[Span]:
    for group in document.get("resourceSpans", ()):
        resource = attributes_of(group.get("resource", {}))
        for scoped in group.get("scopeSpans", ()):
            scope = scoped.get("scope", {})
            for span in scoped.get("spans", ()):
                yield span_of(span, resource, scope)


def span_of(span: Mapping[str, Any], resource: dict[str, Any], scope: Mapping[str, Any]) -> Span:
    status = span.get("status", {})
    return Span(
        trace_id=span["traceId"],
        span_id=span["spanId"],
        parent_id=span.get("parentSpanId") or None,
        service=service_name(resource),
        name=span["name"],
        kind=Kind(span.get("kind", 0)),
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        status=Status(status.get("code", 0)),
        status_message=status.get("message", ""),
        attributes=attributes_of(span),
        resource=resource,
        scope=scope.get("name", ""),
        scope_version=scope.get("version", ""),
        events=tuple(
            Event(int(event["timeUnixNano"]), event.get("name", ""), attributes_of(event))
            for event in span.get("events", ())
        ),
        links=tuple(
            Link(link["traceId"], link["spanId"], attributes_of(link))
            for link in span.get("links", ())
        ),
        trace_state=span.get("traceState", ""),
        flags=span.get("flags", 0),
    )


def attributes_of(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {pair["key"]: value_of(pair["value"]) for pair in entity.get("attributes", ())}


def value_of(value: Mapping[str, Any]) -> Any:
    for kind, content in value.items():
        read = READERS.get(kind)
        return read(content) if read else content
    return None


READERS: Mapping[str, Callable[[Any], Any]] = {
    "intValue": int,
    "doubleValue": float,
    "bytesValue": base64.b64decode,
    "arrayValue": lambda content: [value_of(item) for item in content.get("values", ())],
    "kvlistValue": lambda content: attributes_of({"attributes": content.get("values", ())}),
}
