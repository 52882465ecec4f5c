"""The failures of many traces, grouped by where they began: the same service, operation, error and
shape of message count as one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from traces.causes import root_causes
from traces.model import Span, Trace
from traces.tree import root_of
from traces.units import shortened
from traces.verdict import http_status, text, who

MOST_SAMPLES = 3
LONGEST = 200
# What differs from one failure to the next of its kind: ids, addresses in memory, numbers.
VARYING = re.compile(
    r"\b0x[0-9a-f]+\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b|\d+(?:\.\d+)*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """What failures have in common. `who` failed, as a caller has it: `payment's bank`; `error` is
    the type of the exception, or what else the span says; `message` has … for what varies.
    """

    service: str
    who: str
    operation: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A span in which a failure of this kind began."""

    trace_id: str
    span_id: str
    start_ns: int


@dataclass(slots=True)
class Group:
    """The failures of a kind: how many, in how many traces, and when the first and last began.
    `entries` counts the operations that the traces began with.
    """

    kind: Kind
    count: int = 0
    traces: int = 0
    first_ns: int = 0
    last_ns: int = 0
    samples: list[Sample] = field(default_factory=list)
    entries: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, trace: Trace, causes: list[Span]) -> None:
        starts = [span.start_ns for span in causes]
        self.count += len(causes)
        self.traces += 1
        self.first_ns = min(self.first_ns or starts[0], *starts)
        self.last_ns = max(self.last_ns, *starts)
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(Sample(trace.trace_id, causes[0].span_id, starts[0]))
        if root := root_of(trace):
            self.entries[root.service, root.name] += 1


@dataclass(frozen=True, slots=True)
class Failures:
    """The groups, the one in most traces first, of so many `traces`."""

    groups: tuple[Group, ...]
    traces: int


def failures(traces: Iterable[Trace]) -> Failures:
    """The failures of these traces in groups; samples are of the first traces given."""
    groups: dict[Kind, Group] = {}
    count = 0
    for trace in traces:
        count += 1
        found: dict[Kind, list[Span]] = {}
        for span in root_causes(trace):
            found.setdefault(kind_of(trace, span), []).append(span)
        for kind, causes in found.items():
            groups.setdefault(kind, Group(kind)).add(trace, causes)
    order = sorted(groups.values(), key=lambda one: (-one.traces, -one.count, -one.last_ns))
    return Failures(tuple(order), count)


def kind_of(trace: Trace, cause: Span) -> Kind:
    """What a failure that began in this span of this trace has in common with others."""
    exception = next((e.attributes for e in cause.events if e.name == "exception"), {})
    status = http_status(cause)
    kind = text(exception.get("exception.type")) or text(cause.attributes.get("error.type"))
    answered = status >= 400 and kind in ("", str(status))
    error = f"HTTP {status}" if answered else kind or "error"
    message = text(exception.get("exception.message")) or cause.status_message
    return Kind(cause.service, who(trace, cause), cause.name, shortened(error), shape_of(message))


def shape_of(message: str) -> str:
    """The message with … for what varies from one failure to the next of its kind."""
    return shortened(VARYING.sub("…", " ".join(message[: 2 * LONGEST].split())), LONGEST)
