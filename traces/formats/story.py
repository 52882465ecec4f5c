"""A trace with what can be read from it: the JSON of lens's own API, written and read here.

`story_json` and `trace_of` are the two ends of `GET /lens/api/traces/{trace_id}`.
"""

import base64
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from traces.causes import root_causes
from traces.clocks import Process, clocks_of
from traces.critical_path import critical_path, spans_on
from traces.findings import ALONE, Surroundings, findings
from traces.formats.otlp_json import given, summary_json
from traces.model import (
    PLAIN,
    Dropped,
    Event,
    Follower,
    Kind,
    Link,
    LogLine,
    Origin,
    Sent,
    Span,
    Status,
    Trace,
)
from traces.summary import TraceSummary, summary
from traces.tree import self_times
from traces.verdict import verdict


def story_json(trace: Trace, around: Surroundings = ALONE) -> dict[str, Any]:
    """Spans and logs as they were recorded, the verdict, the ids of the critical path and of the
    root causes, and the clocks that disagree.
    """
    path, own = critical_path(trace), self_times(trace)
    judged = verdict(trace)
    on_path = spans_on(path)
    return {
        "traceId": trace.trace_id,
        "readTimeUnixNano": str(trace.read_ns),
        "summary": summary_json(summary(trace.spans)),
        "spans": [
            {**span_json(span), "selfTimeNano": str(own[span.span_id])} for span in trace.spans
        ],
        "logs": [line_json(line) for line in trace.logs],
        "verdict": {
            "tone": judged.tone,
            "sentence": judged.sentence,
            "findings": [
                {
                    "kind": one.kind,
                    "weight": one.meaning.weight,
                    "sentence": one.sentence,
                    "why": one.meaning.why,
                    "spanId": one.span.span_id,
                    "spanIds": [span.span_id for span in one.spans],
                }
                for one in findings(trace, around)
            ],
        },
        "criticalPath": [span.span_id for span in trace.spans if span.span_id in on_path],
        "criticalPathSegments": [
            {
                "spanId": segment.span.span_id,
                "startTimeUnixNano": str(segment.start_ns),
                "endTimeUnixNano": str(segment.end_ns),
            }
            for segment in path
        ],
        "rootCauses": [span.span_id for span in root_causes(trace)],
        "followers": [
            {
                "toSpanId": one.to_span_id,
                "traceId": one.trace_id,
                "spanId": one.span_id,
                "service": one.service,
                "name": one.name,
            }
            for one in trace.followers
        ],
        "clockSkew": [skew_json(*one) for one in clocks_of(trace).offsets.items()],
    }


def skew_json(process: Process, ahead_ns: int) -> dict[str, str]:
    """How far the clock of a process is ahead of the one where the trace began."""
    service, host, instance = process
    return {"service": service, "host": host, "instance": instance, "aheadNano": str(ahead_ns)}


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
        **given(
            scopeVersion=span.scope_version,
            traceState=span.trace_state,
            flags=span.flags,
            dropped=list(span.dropped) if any(span.dropped) else None,
            origin=None if span.origin == PLAIN else plain(asdict(span.origin)),
            sent=list(span.sent) if span.sent else None,
        ),
        "events": [
            {
                "timeUnixNano": str(event.time_ns),
                "name": event.name,
                "attributes": plain(event.attributes),
                **given(dropped=event.dropped),
            }
            for event in span.events
        ],
        "links": [
            {
                "traceId": link.trace_id,
                "spanId": link.span_id,
                "attributes": plain(link.attributes),
                **given(traceState=link.trace_state, flags=link.flags, dropped=link.dropped),
            }
            for link in span.links
        ],
    }


def line_json(line: LogLine) -> dict[str, Any]:
    """Without the trace's id, which stands above."""
    return {
        "timeUnixNano": str(line.time_ns),
        "spanId": line.span_id,
        "service": line.service,
        "severity": line.severity,
        "body": line.body,
        "attributes": plain(line.attributes),
        **given(
            severityNumber=line.level,
            eventName=line.event,
            flags=line.flags,
            dropped=line.dropped,
            resource=plain(line.resource),
            scope=line.scope,
            scopeVersion=line.scope_version,
            origin=None if line.origin == PLAIN else plain(asdict(line.origin)),
        ),
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


def trace_of(story: Mapping[str, Any]) -> Trace:
    """The trace of a story. Raises KeyError, TypeError or ValueError for what is no story."""
    trace_id = str(story["traceId"])
    spans = (span_of(trace_id, span) for span in story["spans"])
    lines = (line_of(trace_id, line) for line in story["logs"])
    return replace(
        Trace.of(trace_id, spans),
        logs=tuple(lines),
        read_ns=int(story.get("readTimeUnixNano", 0)),
        followers=tuple(follower_of(one) for one in story.get("followers", ())),
    )


def follower_of(one: Mapping[str, str]) -> Follower:
    return Follower(one["toSpanId"], one["traceId"], one["spanId"], one["service"], one["name"])


def span_of(trace_id: str, span: Mapping[str, Any]) -> Span:
    return Span(
        trace_id=trace_id,
        span_id=span["spanId"],
        parent_id=span["parentSpanId"],
        service=span["service"],
        name=span["name"],
        kind=Kind[span["kind"].upper()],
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        status=Status[span["status"].upper()],
        status_message=span["statusMessage"],
        attributes=span["attributes"],
        resource=span["resource"],
        scope=span["scope"],
        scope_version=span.get("scopeVersion", ""),
        trace_state=span.get("traceState", ""),
        flags=span.get("flags", 0),
        dropped=Dropped(*span.get("dropped", ())),
        origin=Origin(**span["origin"]) if "origin" in span else PLAIN,
        sent=Sent(*span["sent"]) if "sent" in span else None,
        events=tuple(
            Event(
                int(event["timeUnixNano"]),
                event["name"],
                event["attributes"],
                event.get("dropped", 0),
            )
            for event in span["events"]
        ),
        links=tuple(
            Link(
                link["traceId"],
                link["spanId"],
                link["attributes"],
                link.get("traceState", ""),
                link.get("flags", 0),
                link.get("dropped", 0),
            )
            for link in span["links"]
        ),
    )


def line_of(trace_id: str | None, line: Mapping[str, Any]) -> LogLine:
    return LogLine(
        time_ns=int(line["timeUnixNano"]),
        trace_id=trace_id,
        span_id=line["spanId"],
        service=line["service"],
        severity=line["severity"],
        body=line["body"],
        attributes=line["attributes"],
        level=line.get("severityNumber", 0),
        event=line.get("eventName", ""),
        flags=line.get("flags", 0),
        dropped=line.get("dropped", 0),
        resource=line.get("resource", {}),
        scope=line.get("scope", ""),
        scope_version=line.get("scopeVersion", ""),
        origin=Origin(**line["origin"]) if "origin" in line else PLAIN,
    )
