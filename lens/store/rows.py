"""Spans and logs as rows, and back. Attributes are JSON text, built once and read as a whole."""

import base64
import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from traces.model import (
    NOTHING_DROPPED,
    PLAIN,
    Dropped,
    Event,
    Kind,
    Link,
    LogLine,
    Origin,
    Sent,
    Span,
    Status,
)
from traces.semconv import peer_of
from traces.summary import ServiceShare, TraceSummary

BYTES = "$bytes"
KINDS, STATUSES = tuple(Kind), tuple(Status)
SPAN = """
    s.span_id, s.parent_id, o.service, o.name, o.kind, s.start_ns, s.end_ns, s.status,
    s.status_message, s.attributes, r.resource, r.scope, r.scope_version, s.events, s.links,
    s.trace_state, s.flags, s.dropped, s.sent_id, r.more"""
# Of a log line l and, if it has one, its origin r.
LINE = """
    l.time_ns, l.trace_id, l.span_id, l.service, l.severity, l.body, l.attributes, l.level,
    l.event, l.flags, l.dropped, r.resource, r.scope, r.scope_version, r.more"""
SUMMARY = """
    t.trace_id, t.root_service, t.root_name, t.start_ns, t.end_ns, t.spans, t.errors, t.orphans,
    t.services, t.seq, t.odd"""


def to_json(value: Any) -> str:
    return ENCODER.encode(value)


def in_words(value: object) -> Any:
    """What JSON has no form for: bytes get one, anything else is kept as text."""
    if isinstance(value, bytes):
        return {BYTES: base64.b64encode(value).decode()}
    return list(value) if isinstance(value, tuple) else str(value)


def bytes_again(value: dict[str, Any]) -> Any:
    packed = value.get(BYTES)
    return base64.b64decode(packed) if len(value) == 1 and isinstance(packed, str) else value


def from_json(text: str | None) -> Any:
    if not text:
        return {}
    return json.loads(text, object_hook=bytes_again if BYTES in text else None)


ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), default=in_words
)


def span_row(span: Span, trace: int, operation: int, origin: int) -> tuple[Any, ...]:
    return (
        trace,
        span.span_id,
        span.parent_id,
        operation,
        origin,
        span.start_ns,
        span.end_ns,
        int(span.status),  # sqlite3 adapts an IntEnum slowly
        span.flags,
        peer_of(span),
        span.status_message or None,
        span.trace_state or None,
        to_json(span.attributes) if span.attributes else None,
        to_json(list(map(event_entry, span.events))) if span.events else None,
        to_json(list(map(link_entry, span.links))) if span.links else None,
        to_json(span.dropped) if span.dropped is not NOTHING_DROPPED else None,
        span.sent.span_id if span.sent else None,
    )


def event_entry(event: Event) -> tuple[Any, ...]:
    entry = (event.time_ns, event.name, event.attributes)
    return (*entry, event.dropped) if event.dropped else entry


def link_entry(link: Link) -> tuple[Any, ...]:
    entry = (link.trace_id, link.span_id, link.attributes)
    more = (link.trace_state, link.flags, link.dropped)
    return entry + more if any(more) else entry


def origin_text(origin: Origin) -> str:
    """What is known of a resource and a scope beside the columns of their own; mostly nothing."""
    return "" if origin == PLAIN else to_json(astuple(origin))


class Origins:
    """Resources, and what is known of them and of scopes: spans of one share one object."""

    def __init__(self) -> None:
        self._resources: dict[str, Mapping[str, Any]] = {}
        self._origins: dict[str, Origin] = {}

    def resource(self, text: str) -> Mapping[str, Any]:
        found = self._resources.get(text)
        if found is None:
            found = self._resources[text] = from_json(text)
        return found

    def origin(self, text: str | None) -> Origin:
        if not text:
            return PLAIN
        found = self._origins.get(text)
        if found is None:
            found = self._origins[text] = Origin(*from_json(text))
        return found


def link_rows(span: Span, trace: int) -> list[tuple[Any, ...]]:
    """Where a span links to, so that it can be found from there."""
    return [
        (trace, span.span_id, link.trace_id, link.span_id)
        for link in span.links
        if link.trace_id and link.span_id
    ]


def span_of(trace_id: str, row: tuple[Any, ...], origins: Origins) -> Span:
    """The span of a row of SPAN; `origins` remembers what was read before."""
    span_id, parent_id, service, name, kind, start_ns, end_ns, status = row[:8]
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=parent_id,
        service=service,
        name=name,
        kind=KINDS[kind],
        start_ns=start_ns,
        end_ns=end_ns,
        status=STATUSES[status],
        status_message=row[8] or "",
        attributes=from_json(row[9]),
        resource=origins.resource(row[10]),
        scope=row[11],
        scope_version=row[12],
        events=tuple(Event(*event) for event in from_json(row[13])),
        links=tuple(Link(*link) for link in from_json(row[14])),
        trace_state=row[15] or "",
        flags=row[16],
        dropped=Dropped(*json.loads(row[17])) if row[17] else NOTHING_DROPPED,
        origin=origins.origin(row[19]),
        sent=Sent(row[18], parent_id) if row[18] else None,
    )


def log_row(line: LogLine, origin: int) -> tuple[Any, ...]:
    return (
        line.time_ns,
        line.trace_id,
        line.span_id,
        line.service,
        line.severity,
        line.body,
        to_json(line.attributes) if line.attributes else None,
        line.level,
        line.event or None,
        line.flags or None,
        line.dropped or None,
        origin,
    )


def log_of(row: tuple[Any, ...], origins: Origins) -> LogLine:
    """The log line of a row of LINE; `origins` remembers what was read before."""
    time_ns, trace_id, span_id, service, severity, body, attributes, level = row[:8]
    event, flags, dropped, resource, scope, scope_version, more = row[8:]
    return LogLine(
        time_ns,
        trace_id,
        span_id,
        service,
        severity,
        body,
        from_json(attributes),
        level or 0,
        event or "",
        flags or 0,
        dropped or 0,
        origins.resource(resource or ""),
        scope or "",
        scope_version or "",
        origins.origin(more),
    )


def summary_row(number: int, summary: TraceSummary) -> tuple[Any, ...]:
    return (
        number,
        summary.trace_id,
        summary.start_ns,
        summary.end_ns,
        summary.root_service,
        summary.root_name,
        summary.spans,
        summary.errors,
        summary.orphans,
        to_json({share.name: (share.spans, share.errors) for share in summary.services}),
        summary.seq,
        summary.odd,
    )


def summary_of(row: tuple[Any, ...]) -> TraceSummary:
    services = tuple(ServiceShare(name, *share) for name, share in json.loads(row[8]).items())
    trace_id, root_service, root_name, start_ns, end_ns, spans, errors, orphans = row[:8]
    return TraceSummary(
        trace_id=trace_id,
        root_service=root_service,
        root_name=root_name,
        start_ns=start_ns,
        end_ns=end_ns,
        spans=spans,
        errors=errors,
        orphans=orphans,
        services=services,
        seq=row[9],
        odd=row[10],
    )
