"""Spans, traces and logs, as lens keeps and shows them.

Ids are lower-case hex (trace 32 digits, span 16), times are nanoseconds since the epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
UNSET, OK, ERROR = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one moment of a span; OpenTracing called it a log."""

    time_ns: int
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A span this one follows from without being its child."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work. `kind` is an index of KINDS, `status` one of UNSET, OK, ERROR."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    kind: int
    start_ns: int
    end_ns: int
    status: int = UNSET
    status_message: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    scope_version: str = ""
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    trace_state: str = ""
    flags: int = 0

    @property
    def duration_ns(self) -> int:
        return max(0, self.end_ns - self.start_ns)

    @property
    def failed(self) -> bool:
        return self.status == ERROR


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log record, with its span, if any. `severity` is the word, as in `WARN`."""

    time_ns: int
    trace_id: str | None
    span_id: str | None
    service: str
    severity: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """How much of a trace is one service's."""

    name: str
    spans: int
    errors: int


@dataclass(frozen=True, slots=True)
class TraceSummary:
    """A trace in one row. `seq` grows with every change, so a reader can ask for what is new."""

    trace_id: str
    root_service: str
    root_name: str
    start_ns: int
    end_ns: int
    spans: int
    errors: int
    orphans: int
    services: tuple[ServiceShare, ...]
    seq: int = 0

    @property
    def duration_ns(self) -> int:
        return max(0, self.end_ns - self.start_ns)


@dataclass(frozen=True, slots=True)
class Trace:
    """All spans of one trace in order of their start, and its log lines in order of time."""

    trace_id: str
    spans: tuple[Span, ...]
    logs: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A span name a service uses, with the kind (a word of KINDS) it uses it for."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Edge:
    """Calls from one service to another; `errors` of them failed at the caller."""

    parent: str
    child: str
    calls: int
    errors: int = 0
    p95_ns: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for; None or an empty value means any.

    Service, operation, durations and all `tags` must match on one and the same span, as in Jaeger;
    `errors_only` keeps traces with a failed span; newest first, at most `limit`.
    """

    service: str | None = None
    operation: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    errors_only: bool = False
    limit: int = 100
