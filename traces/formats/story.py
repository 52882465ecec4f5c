"""A trace with what can be read from it, as lens's own API writes it."""

import base64
import math
from collections.abc import Mapping
from typing import Any

from traces.causes import root_causes
from traces.critical_path import critical_path, spans_on
from traces.formats.otlp_json import summary_json
from traces.model import LogLine, Span, Trace
from traces.summary import TraceSummary, summary
from traces.tree import self_times


def story_json(trace: Trace) -> dict[str, Any]:
    """Spans, logs, and the ids of the critical path (in order of time) and of the root causes."""
    path, own = critical_path(trace), self_times(trace)
    on_path = spans_on(path)
    return {
        "traceId": trace.trace_id,
        "summary": summary_json(summary(trace.spans)),
        "spans": [
            {**span_json(span), "selfTimeNano": str(own[span.span_id])} for span in trace.spans
        ],
        "logs": [line_json(line) for line in trace.logs],
        "criticalPath": [span.span_id for span in trace.spans if span.span_id in on_path],
        "criticalPathSegments": [
            {
                "spanId": segment.span_id,
                "startTimeUnixNano": str(segment.start_ns),
                "endTimeUnixNano": str(segment.end_ns),
            }
            for segment in path
        ],
        "rootCauses": [span.span_id for span in root_causes(trace)],
    }


def span_json(span: Span) -> dict[str, Any]:
    return {
        "spanId": span.span_id,
        "parentSpanId": span.parent_id,
        "service": span.service,
        "name": span.name,
        "kind": span.kind.word,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "status": span.status.name.lower(),
        "statusMessage": span.status_message,
        "attributes": plain(span.attributes),
        "resource": plain(span.resource),
        "scope": span.scope,
        "events": [
            {
                "timeUnixNano": str(event.time_ns),
                "name": event.name,
                "attributes": plain(event.attributes),
            }
            for event in span.events
        ],
        "links": [
            {
                "traceId": link.trace_id,
                "spanId": link.span_id,
                "attributes": plain(link.attributes),
            }
            for link in span.links
        ],
    }


def line_json(line: LogLine) -> dict[str, Any]:
    return {
        "timeUnixNano": str(line.time_ns),
        "spanId": line.span_id,
        "service": line.service,
        "severity": line.severity,
        "body": line.body,
        "attributes": plain(line.attributes),
    }


def change_json(changed: TraceSummary) -> dict[str, Any]:
    """A summary with the number of the change that made it what it is."""
    return {**summary_json(changed), "seq": changed.seq}


def plain(value: Any) -> Any:
    """The value without what JSON cannot say: bytes are base64, numbers beyond all bounds words."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
