"""Traces as the JSON of OTLP, and summaries as Jaeger writes them beside it."""

import base64
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from traces.model import Event, Link, Span, Trace
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
