"""Traces as the JSON of OTLP, written and read, and summaries as Jaeger writes them beside it."""

import base64
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from traces.formats import otlp_json_reader
from traces.model import Event, Link, Span, Trace
from traces.summary import ServiceShare, TraceSummary


def traces_json(traces: Iterable[Trace]) -> dict[str, Any]:
    """All traces as one `TracesData`, their spans grouped by resource and scope."""
    groups = Groups()
    for span in (span for trace in traces for span in trace.spans):
        groups.of(span).append(span_json(span))
    return {"resourceSpans": list(groups.resources.values())}


class Groups:
    """The different resources of spans, by their JSON, and in them the scopes."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self._scopes: dict[tuple[str, str], list[Any]] = {}
        self._known: dict[tuple[int, int, str, str], list[Any]] = {}

    def of(self, span: Span) -> list[Any]:
        """The list of the spans that share resource and scope with this one."""
        # Most spans share these objects: their content is looked at only once.
        same = (id(span.resource), id(span.origin), span.scope, span.scope_version)
        if same not in self._known:
            self._known[same] = self._of(span)
        return self._known[same]

    def _of(self, span: Span) -> list[Any]:
        resource, scope = resource_json(span), scope_json(span)
        place = json.dumps(resource)
        group = self.resources.setdefault(place, {**resource, "scopeSpans": []})
        key = (place, json.dumps(scope))
        if key not in self._scopes:
            self._scopes[key] = []
            group["scopeSpans"].append({**scope, "spans": self._scopes[key]})
        return self._scopes[key]


def resource_json(span: Span) -> dict[str, Any]:
    more = given(droppedAttributesCount=span.origin.resource_dropped)
    resource = {"attributes": attributes_json(span.resource), **more}
    return {"resource": resource, **given(schemaUrl=span.origin.resource_schema)}


def scope_json(span: Span) -> dict[str, Any]:
    scope = given(
        name=span.scope,
        version=span.scope_version,
        attributes=attributes_json(span.origin.scope_attributes),
        droppedAttributesCount=span.origin.scope_dropped,
    )
    return {"scope": scope, **given(schemaUrl=span.origin.scope_schema)}


def span_json(span: Span) -> dict[str, Any]:
    span_id, parent_id = span.came_as
    return {
        "traceId": span.trace_id,
        "spanId": span_id,
        **given(parentSpanId=parent_id, traceState=span.trace_state, flags=span.flags),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        **given(
            attributes=attributes_json(span.attributes),
            droppedAttributesCount=span.dropped.attributes,
            events=[event_json(event) for event in span.events],
            droppedEventsCount=span.dropped.events,
            links=[link_json(link) for link in span.links],
            droppedLinksCount=span.dropped.links,
        ),
        "status": given(code=span.status, message=span.status_message),
    }


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value; protobuf's JSON leaves the others out."""
    return {name: value for name, value in fields.items() if value}


def event_json(event: Event) -> dict[str, Any]:
    more = given(attributes=attributes_json(event.attributes), droppedAttributesCount=event.dropped)
    return {"timeUnixNano": str(event.time_ns), "name": event.name, **more}


def link_json(link: Link) -> dict[str, Any]:
    more = given(
        traceState=link.trace_state,
        attributes=attributes_json(link.attributes),
        droppedAttributesCount=link.dropped,
        flags=link.flags,
    )
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


def summary_of(entry: Mapping[str, Any]) -> TraceSummary:
    """The summary of an entry. Raises KeyError, TypeError or ValueError for what is none."""
    return TraceSummary(
        trace_id=entry["traceId"],
        root_service=entry.get("rootServiceName", ""),
        root_name=entry.get("rootOperationName", ""),
        start_ns=int(entry["minStartTimeUnixNano"]),
        end_ns=int(entry["maxEndTimeUnixNano"]),
        spans=entry["spanCount"],
        errors=entry.get("errorSpanCount", 0),
        orphans=entry.get("orphanSpanCount", 0),
        services=tuple(
            ServiceShare(one["name"], one["spanCount"], one.get("errorSpanCount", 0))
            for one in entry.get("services", ())
        ),
    )


def trace_of(trace_id: str, document: Mapping[str, Any]) -> Trace:
    """The trace with this id in a `TracesData` document of a backend; without a span if there is
    none of it. Raises ValueError for what is none.
    """
    found = (span for span in spans_of(document) if span.trace_id == trace_id)
    return Trace.of(trace_id, found)


def spans_of(document: Mapping[str, Any]) -> list[Span]:
    """All spans of a document; raises ValueError if one of them cannot be read."""
    decoded = otlp_json_reader.spans(document)
    if decoded.rejected:
        raise ValueError(decoded.explanation)
    return decoded.taken
