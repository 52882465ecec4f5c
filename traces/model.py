"""Spans, log lines and traces.

Ids are lower-case hex (trace 32 digits, span 16), times are nanoseconds since the epoch.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property, wraps
from typing import Any, NamedTuple, TypeVar, cast

T = TypeVar("T")


class Kind(IntEnum):
    """The kind of a span, with the numbers of OTLP."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5

    @property
    def word(self) -> str:
        """As Jaeger and lens write it: `server`."""
        return self.name.lower()

    @property
    def calls(self) -> bool:
        """Whether such a span is the caller's side of a call or message."""
        return self in {Kind.CLIENT, Kind.PRODUCER}

    @property
    def receives(self) -> bool:
        """Whether such a span is the receiver's side of a call or message."""
        return self in {Kind.SERVER, Kind.CONSUMER}


class Status(IntEnum):
    """The status of a span, with the numbers of OTLP."""

    UNSET = 0
    OK = 1
    ERROR = 2


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one moment of a span; OpenTracing called it a log."""

    time_ns: int
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A span this one follows from without being its child; without ids it leads nowhere."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    trace_state: str = ""
    flags: int = 0
    dropped: int = 0


class Dropped(NamedTuple):
    """How many attributes, events and links the program that recorded a span had to leave out."""

    attributes: int = 0
    events: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a resource and a scope beside their attributes, names and versions;
    `dropped` are attributes that were left out.
    """

    resource_schema: str = ""
    resource_dropped: int = 0
    scope_attributes: Mapping[str, Any] = field(default_factory=dict)
    scope_schema: str = ""
    scope_dropped: int = 0


class Sent(NamedTuple):
    """The ids that a span came with, where it had to be given others."""

    span_id: str
    parent_id: str | None


NOTHING_DROPPED = Dropped()
PLAIN = Origin()


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work of one service. Its id is its own within the trace; where it came with the
    id of another span, `sent` has that (see traces.same_id).
    """

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    kind: Kind
    start_ns: int
    end_ns: int
    status: Status = Status.UNSET
    status_message: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    resource: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    scope_version: str = ""
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    trace_state: str = ""
    flags: int = 0
    dropped: Dropped = NOTHING_DROPPED
    origin: Origin = PLAIN
    sent: Sent | None = None

    @property
    def came_as(self) -> Sent:
        """The ids that the span came with."""
        return self.sent or Sent(self.span_id, self.parent_id)

    @property
    def duration_ns(self) -> int:
        return max(0, self.end_ns - self.start_ns)

    @property
    def failed(self) -> bool:
        return self.status is Status.ERROR

    def __str__(self) -> str:
        failed = " ERROR" if self.failed else ""
        ms = (self.end_ns - self.start_ns) / 1e6
        return f"{self.service}: {self.name} [{self.kind.name}] {ms:.1f} ms{failed}"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log record, with its span, if any. `severity` is the word, as in `WARN`, `level` its
    number in OTLP, 1 to 24; 0 and no word if neither was sent. A record with an `event` is one of
    that name. `dropped` are attributes that were left out.
    """

    time_ns: int
    trace_id: str | None
    span_id: str | None
    service: str
    severity: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    level: int = 0
    event: str = ""
    flags: int = 0
    dropped: int = 0
    resource: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""
    scope_version: str = ""
    origin: Origin = PLAIN


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One measurement of a metric that was made inside a span; `attributes` are those of the series
    it counts in, and its own.
    """

    service: str
    metric: str
    unit: str
    value: float
    time_ns: int
    trace_id: str
    span_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Follower:
    """A span, of this or another trace, with a link to the span `to_span_id` of this one."""

    to_span_id: str
    trace_id: str
    span_id: str
    service: str
    name: str


@dataclass(frozen=True)
class Trace:
    """All spans of one trace in order of their start, and its log lines in order of time.

    `read_ns` is when a backend was asked for it; 0 means that this is not known. `followers` are
    known to a backend that looks for links to a trace.
    """

    trace_id: str
    spans: tuple[Span, ...]
    logs: tuple[LogLine, ...] = ()
    read_ns: int = field(default=0, compare=False)
    followers: tuple[Follower, ...] = ()

    @classmethod
    def of(cls, trace_id: str, spans: Iterable[Span]) -> "Trace":
        """Spans in whatever order; one that came twice counts once."""
        unique = {span.span_id: span for span in spans}
        return cls(trace_id, tuple(sorted(unique.values(), key=lambda span: span.start_ns)))

    @cached_property
    def by_id(self) -> Mapping[str, Span]:
        return {span.span_id: span for span in self.spans}

    @cached_property
    def children(self) -> Mapping[str, Sequence[Span]]:
        """The children of each span that has some, by its id, in order of their start.

        A ring of parents is cut above its first span, so that no way down leads back.
        """
        by_id, cut = self.by_id, {ring[0].span_id for ring in self.rings}
        children: dict[str, list[Span]] = {}
        for span in sorted(self.spans, key=lambda span: (span.start_ns, -span.end_ns)):
            parent_id = span.parent_id
            if parent_id is not None and parent_id in by_id and span.span_id not in cut:
                children.setdefault(parent_id, []).append(span)
        return children

    def children_of(self, span: Span) -> Sequence[Span]:
        return self.children.get(span.span_id, ())

    def parent_of(self, span: Span) -> Span | None:
        """The parent, if it has arrived."""
        return self.by_id.get(span.parent_id or "")

    def ancestors(self, span: Span) -> Iterator[Span]:
        """The spans above this one, nearest first; ends although parents may form a ring."""
        seen = {span.span_id}
        parent = self.parent_of(span)
        while parent is not None and parent.span_id not in seen:
            seen.add(parent.span_id)
            yield parent
            parent = self.parent_of(parent)

    @cached_property
    def roots(self) -> tuple[Span, ...]:
        """The spans without a parent: one in a whole trace."""
        return tuple(span for span in self.spans if span.parent_id is None)

    @cached_property
    def orphans(self) -> tuple[Span, ...]:
        """The spans whose parent has not arrived."""
        return tuple(
            span
            for span in self.spans
            if span.parent_id is not None and span.parent_id not in self.by_id
        )

    @property
    def is_whole(self) -> bool:
        """Whether there is one root, and the parent of every other span."""
        return len(self.roots) == 1 and not self.orphans

    @cached_property
    def rings(self) -> tuple[tuple[Span, ...], ...]:
        """Spans that are their own ancestors, each ring from its first span on to its parents.

        What only hangs on a ring is not part of it.
        """
        found: list[tuple[Span, ...]] = []
        visited: set[str] = set()
        for span in self.spans:
            way: dict[str, Span] = {}
            here: Span | None = span
            while here is not None and here.span_id not in visited:
                visited.add(here.span_id)
                way[here.span_id] = here
                here = self.parent_of(here)
            if here is not None and here.span_id in way:
                ring = list(way.values())
                ring = ring[list(way).index(here.span_id) :]
                first = min(range(len(ring)), key=lambda at: ring[at].start_ns)
                found.append((*ring[first:], *ring[:first]))
        return tuple(found)

    @cached_property
    def edges(self) -> frozenset[tuple[str, str]]:
        """Which service called which: those of each parent and child of different services."""
        pairs = ((self.parent_of(span), span) for span in self.spans)
        return frozenset(
            (up.service, span.service) for up, span in pairs if up and up.service != span.service
        )

    @property
    def services(self) -> tuple[str, ...]:
        """In the order in which the trace reached them."""
        return tuple(dict.fromkeys(span.service for span in self.spans))

    @cached_property
    def receivers(self) -> Mapping[str, Span]:
        """The receiver's own span of each span that has one, by the id of the latter."""
        found: dict[str, Span] = {}
        for span_id, children in self.children.items():
            receiver = next((span for span in children if span.kind.receives), None)
            if receiver is not None:
                found[span_id] = receiver
        return found

    def receiver_of(self, call: Span) -> Span | None:
        """The receiver's own span of a call; None when it sent none."""
        return self.receivers.get(call.span_id)

    @cached_property
    def readings(self) -> dict[Callable[["Trace"], Any], Any]:
        """What was computed of this trace, see `once`."""
        return {}


def once(read: Callable[[Trace], T]) -> Callable[[Trace], T]:
    """Makes a function of a trace compute its answer once for each: several parts of a page ask for
    the same.
    """

    @wraps(read)
    def reading(trace: Trace) -> T:
        if read not in trace.readings:
            trace.readings[read] = read(trace)
        return cast("T", trace.readings[read])

    return reading


def service_name(resource: Mapping[str, Any]) -> str:
    """The name that a resource gives, or the one of Jaeger for a service that gives none."""
    name = resource.get("service.name")
    if name is None:
        return "missing-service-name"
    return str(name).strip() or "empty-service-name"
