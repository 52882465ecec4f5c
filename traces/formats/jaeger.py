"""A trace as Jaeger's first HTTP API writes it: microseconds, typed tags, processes by number.

Read again, it has lost what Jaeger has no place for: nanoseconds, and lists, which are JSON text.
"""

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from traces.model import Event, Kind, Link, Span, Status, Trace, service_name

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
    """The parent first, then the links; a link to the parent only changes how it is called."""
    found: dict[tuple[str, str], str] = {}
    parent_id = span.came_as.parent_id
    if parent_id:
        found[span.trace_id, parent_id] = "CHILD_OF"
    for link in span.links:
        if link.trace_id and link.span_id:
            found[link.trace_id, link.span_id] = kind_of(link)
    return [
        {"refType": kind, "traceID": shown_id(trace_id), "spanID": span_id}
        for (trace_id, span_id), kind in found.items()
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


def trace_of(document: Mapping[str, Any]) -> Trace:
    """The trace of one entry of `data`. Raises KeyError, TypeError or ValueError if it is none."""
    resources = {
        number: {"service.name": process["serviceName"], **values_of(process.get("tags", ()))}
        for number, process in document["processes"].items()
    }
    trace_id = document["traceID"].zfill(32)
    spans = (span_of(span, resources[span["processID"]]) for span in document["spans"])
    return Trace.of(trace_id, spans)


def span_of(span: Mapping[str, Any], resource: Mapping[str, Any]) -> Span:
    tags = values_of(span.get("tags", ()))
    kind, code, failed = (tags.pop(key, None) for key in ("span.kind", "otel.status_code", "error"))
    status = Status.ERROR if failed in (True, "true") else Status[str(code or "UNSET").upper()]
    parents, links = related(span)
    start_ns = int(span["startTime"]) * 1000
    return Span(
        trace_id=span["traceID"].zfill(32),
        span_id=span["spanID"].zfill(16),
        parent_id=parents[0].span_id if parents else None,
        service=service_name(resource),
        name=span["operationName"],
        kind=Kind[str(kind or "unspecified").upper()],
        start_ns=start_ns,
        end_ns=start_ns + int(span["duration"]) * 1000,
        status=status,
        status_message=tags.pop("otel.status_description", ""),
        scope=tags.pop("otel.scope.name", ""),
        scope_version=tags.pop("otel.scope.version", ""),
        trace_state=tags.pop("w3c.tracestate", ""),
        attributes=tags,
        resource=resource,
        events=tuple(event_of(log) for log in span.get("logs", ())),
        links=tuple(links),
        flags=span.get("flags", 0),
    )


def related(span: Mapping[str, Any]) -> tuple[list[Link], list[Link]]:
    """The parents, of which the first counts, and what the span follows from."""
    parents: list[Link] = []
    links: list[Link] = []
    for reference in span.get("references", ()):
        link = Link(reference["traceID"].zfill(32), reference["spanID"].zfill(16))
        is_parent = reference["refType"] == "CHILD_OF" and not parents
        (parents if is_parent else links).append(link)
    return parents, links


def event_of(log: Mapping[str, Any]) -> Event:
    fields = values_of(log["fields"])
    return Event(int(log["timestamp"]) * 1000, str(fields.pop("event", "")), fields)


def values_of(tags: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {tag["key"]: value_of(tag) for tag in tags}


def value_of(tag: Mapping[str, Any]) -> Any:
    read = READERS.get(tag.get("type", ""))
    return read(tag["value"]) if read else tag["value"]


READERS: Mapping[str, Callable[[Any], Any]] = {
    "int64": int,
    "float64": float,
    "binary": base64.b64decode,
}
