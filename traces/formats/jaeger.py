"""A trace as Jaeger's first HTTP API writes it: microseconds, typed tags, processes by number.

Read again, it has lost what Jaeger has no place for: nanoseconds, and lists, which are JSON text.
"""

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

from traces.model import Event, Link, Span, Status, Trace

EXACT = 2**53 - 1

Tag = dict[str, Any]


def trace_json(trace: Trace) -> dict[str, Any]:
    """One entry of `data`; span and process numbers are in order of the spans."""
    processes = Processes()
    spans = [span_json(span, processes.number(span)) for span in trace.spans]
    return {
        "traceID": shown_id(trace.trace_id),
        "spans": spans,
        "processes": processes.found,
        "warnings": None,
    }


class Processes:
    """The different services and resources of a trace, numbered as they are met."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self._by_content: dict[str, str] = {}
        self._by_object: dict[tuple[str, int], str] = {}

    def number(self, span: Span) -> str:
        # Most spans share one resource object: its content is looked at only once.
        same = (span.service, id(span.resource))
        if same not in self._by_object:
            self._by_object[same] = self._number(span)
        return self._by_object[same]

    def _number(self, span: Span) -> str:
        process = {"serviceName": span.service, "tags": process_tags(span)}
        content = json.dumps(process)
        if content not in self._by_content:
            number = f"p{len(self.found) + 1}"
            self._by_content[content] = number
            self.found[number] = process
        return self._by_content[content]


def shown_id(trace_id: str) -> str:
    """Ids of 64 bits are shown as such."""
    return trace_id.removeprefix("0" * 16)


def span_json(span: Span, process: str) -> dict[str, Any]:
    flags = {"flags": span.flags} if span.flags else {}
    same_id = f"another span has the id {span.came_as.span_id} too" if span.sent else None
    start = span.start_ns // 1000
    return {
        "traceID": shown_id(span.trace_id),
        "spanID": span.came_as.span_id,
        **flags,
        "operationName": span.name,
        "references": references(span),
        "startTime": start,
        "duration": span.duration_ns // 1000,
        "tags": span_tags(span),
        "logs": [log_json(event) for event in span.events],
        "processID": process,
        "warnings": [same_id] if same_id else None,
    }


def references(span: Span) -> list[dict[str, str]]:
    """The parent first, then the links, each once; a link to the parent stands beside it."""
    parent_id = span.came_as.parent_id
    parent = [("CHILD_OF", span.trace_id, parent_id)] if parent_id else []
    links = [
        (kind_of(link), link.trace_id, link.span_id)
        for link in span.links
        if link.trace_id and link.span_id
    ]
    return [
        {"refType": kind, "traceID": shown_id(trace_id), "spanID": span_id}
        for kind, trace_id, span_id in dict.fromkeys((*parent, *links))
    ]


def kind_of(link: Link) -> str:
    return (
        "CHILD_OF" if link.attributes.get("opentracing.ref_type") == "child_of" else "FOLLOWS_FROM"
    )


def span_tags(span: Span) -> list[Tag]:
    status = None if span.status == Status.UNSET else span.status.name
    around: tuple[tuple[str, Any], ...] = (
        ("span.kind", span.kind.word if span.kind else None),
        ("otel.status_code", status),
        ("error", True if span.failed else None),
        ("otel.status_description", span.status_message or None),
        ("w3c.tracestate", span.trace_state or None),
    )
    scope = (
        ("otel.scope.name", span.scope or None),
        ("otel.scope.version", span.scope_version or None),
    )
    return [
        *(tag(key, value) for key, value in scope if value is not None),
        *(tag(key, value) for key, value in span.attributes.items()),
        *(tag(key, value) for key, value in around if value is not None),
    ]


def process_tags(span: Span) -> list[Tag]:
    return [tag(key, value) for key, value in span.resource.items() if key != "service.name"]


def log_json(event: Event) -> dict[str, Any]:
    named: Mapping[str, Any] = {"event": event.name} if event.name else {}
    fields = {**named, **event.attributes}
    return {
        "timestamp": event.time_ns // 1000,
        "fields": [tag(key, value) for key, value in fields.items()],
    }


def tag(key: str, value: Any) -> Tag:
    """A tag with its type; whole numbers that JavaScript cannot hold exactly are text."""
    if isinstance(value, bool):
        return {"key": key, "type": "bool", "value": value}
    if isinstance(value, int):
        return {"key": key, "type": "int64", "value": value if abs(value) <= EXACT else str(value)}
    if isinstance(value, float):
        exact = value if math.isfinite(value) else str(value)
        return {"key": key, "type": "float64", "value": exact}
    if isinstance(value, bytes):
        return {"key": key, "type": "binary", "value": base64.b64encode(value).decode()}
    if isinstance(value, str):
        return {"key": key, "type": "string", "value": value}
    text = "" if value is None else json.dumps(value, separators=(",", ":"), default=str)
    return {"key": key, "type": "string", "value": text}
