"""Clock skew: what can be known of the clocks of processes from who called whom.

A callee cannot begin before its caller, and ends before it where the caller got its answer. Where
that does not hold between two processes, their clocks disagree; the difference that puts the calls
into the middle of their callers is the best guess, as Jaeger's adjuster has it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from traces.model import Kind, Span, Trace, once
from traces.semconv import value_of
from traces.times import SINCE_NS, odd_time

# Some SDKs write whole milliseconds.
NEGLIGIBLE_NS = 1_000_000
# A server's span may end a little after its answer arrived.
LATE_SHARE = 10
# NTP keeps clocks within tens of milliseconds.
BROKEN_NS = 1_000_000_000

Process = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Clocks:
    """How many nanoseconds each process's clock is ahead of that of `reference`, where the trace
    began; and the same for each span, by its id. What agrees, as far as one can tell, is left out.
    """

    reference: Process
    offsets: Mapping[Process, int]
    spans: Mapping[str, int]

    def ahead(self, span: Span) -> int:
        return self.spans.get(span.span_id, 0)

    def start(self, span: Span) -> int:
        """When a span began, by the clock of the reference."""
        return span.start_ns - self.ahead(span)

    def end(self, span: Span) -> int:
        """When a span ended, by the clock of the reference."""
        return span.end_ns - self.ahead(span)

    @property
    def broken(self) -> bool:
        """Whether a clock is so wrong that nobody keeps it."""
        return any(abs(ahead) >= BROKEN_NS for ahead in self.offsets.values())


@dataclass(slots=True)
class Bounds:
    """Between which numbers of nanoseconds the callee's clock is ahead of the caller's.

    What follows from starts is `sure`; from ends it follows only where the caller waited.
    """

    sure_low: float = -math.inf
    sure_high: float = math.inf
    low: float = -math.inf
    high: float = math.inf

    def estimate(self) -> int:
        """The guess in nanoseconds; 0 where the clocks may well agree."""
        low, high = max(self.low, self.sure_low), min(self.high, self.sure_high)
        if low - NEGLIGIBLE_NS <= 0 <= high + NEGLIGIBLE_NS:
            return 0
        if low > high:
            # Some callee outlived its caller, so that only the starts count.
            low, high = self.sure_low, self.sure_high
            if low - NEGLIGIBLE_NS <= 0 <= high + NEGLIGIBLE_NS:
                return 0
            return int(high if high < 0 else low)
        if math.isfinite(low) and math.isfinite(high):
            return round((low + high) / 2)
        return int(low if math.isfinite(low) else high)


@once
def processes_of(trace: Trace) -> Mapping[str, Process]:
    """The process of each span, by the span's id."""
    # Most spans share one resource object: its content is looked at only once.
    known: dict[tuple[str, int], Process] = {}
    found: dict[str, Process] = {}
    for span in trace.spans:
        same = (span.service, id(span.resource))
        if same not in known:
            known[same] = process_of(span)
        found[span.span_id] = known[same]
    return found


def process_of(span: Span) -> Process:
    """Service, host and instance, as far as the resource says; each process has a clock."""
    resource = span.resource
    instance = resource.get("service.instance.id") or resource.get("process.pid") or ""
    return span.service, host_of(span), str(instance)


def host_of(span: Span) -> str:
    """The host that a resource names; empty if it names none."""
    name = span.resource.get("host.id") or span.resource.get("host.name") or ""
    return "" if name == "localhost" else str(name)


@once
def clocks_of(trace: Trace) -> Clocks:
    """The clocks of the processes of a trace. The trace's first root has the one that counts."""
    if not trace.spans:
        return Clocks(("", "", ""), {}, {})
    processes = processes_of(trace)
    reference = processes[next(iter(trace.roots), trace.spans[0]).span_id]
    differences: dict[Process, dict[Process, int]] = {}
    for (caller, callee), found in bounds(trace).items():
        ahead = found.estimate()
        differences.setdefault(caller, {})[callee] = ahead
        differences.setdefault(callee, {})[caller] = -ahead
    offsets: dict[Process, int] = {}
    for start in (reference, *differences):
        if start not in offsets:
            offsets[start] = 0
            spread(start, differences, offsets)
    offsets = {process: ahead for process, ahead in offsets.items() if ahead}
    spans = {id_: offsets[process] for id_, process in processes.items() if process in offsets}
    return Clocks(reference, offsets, spans)


def spread(
    start: Process,
    differences: Mapping[Process, Mapping[Process, int]],
    offsets: dict[Process, int],
) -> None:
    """The offsets of all processes that calls connect with `start`, nearest first."""
    waiting = [start]
    for here in waiting:
        for there, ahead in differences.get(here, {}).items():
            if there not in offsets:
                offsets[there] = offsets[here] + ahead
                waiting.append(there)


def bounds(trace: Trace) -> Mapping[tuple[Process, Process], Bounds]:
    """What each pair of processes with calls between them says of their clocks."""
    found: dict[tuple[Process, Process], Bounds] = {}
    processes = processes_of(trace)
    for parent, child in across(trace):
        caller, callee = processes[parent.span_id], processes[child.span_id]
        high = child.start_ns - parent.start_ns
        low = child.end_ns - parent.end_ns if waited(parent, child) else -math.inf
        if 0 < low <= max(NEGLIGIBLE_NS, parent.duration_ns // LATE_SHARE):
            low = 0
        if (callee, caller) in found:
            known = found[callee, caller]
            known.sure_low, known.high = max(known.sure_low, -high), min(known.high, -low)
        else:
            known = found.setdefault((caller, callee), Bounds())
            known.sure_high, known.low = min(known.sure_high, high), max(known.low, low)
    return found


def across(trace: Trace) -> Iterator[tuple[Span, Span]]:
    """Parents and children of different processes whose times can be believed."""
    in_ring = {span.span_id for ring in trace.rings for span in ring}
    processes = processes_of(trace)
    for child in trace.spans:
        parent = trace.parent_of(child)
        if parent is None or processes[parent.span_id] == processes[child.span_id]:
            continue
        if child.span_id not in in_ring and not (odd_time(parent) or odd_time(child)):
            yield parent, child


def waited(call: Span, receiver: Span) -> bool:
    """Whether a callee on another host must have ended before its caller."""
    if call.kind is not Kind.CLIENT or receiver.kind is not Kind.SERVER:
        return False
    if host_of(call) and host_of(call) == host_of(receiver):
        return False  # one clock: the callee worked on after its answer
    return not call.failed or value_of(call.attributes, "http.response.status_code") is not None


@once
def aligned(trace: Trace) -> Trace:
    """The trace as it would have been recorded if all clocks agreed with the one where it began."""
    clocks = clocks_of(trace)
    if not clocks.offsets:
        return trace
    spans = tuple(moved(span, -clocks.ahead(span)) for span in trace.spans)
    logs = tuple(
        replace(line, time_ns=line.time_ns - clocks.ahead(span))
        if (span := trace.by_id.get(line.span_id or ""))
        else line
        for line in trace.logs
    )
    return replace(
        trace,
        spans=tuple(sorted(spans, key=lambda span: span.start_ns)),
        logs=tuple(sorted(logs, key=lambda line: line.time_ns)),
    )


def moved(span: Span, by: int) -> Span:
    if not by or span.start_ns < SINCE_NS:
        return span
    events = tuple(replace(event, time_ns=event.time_ns + by) for event in span.events)
    end_ns = span.end_ns + by if span.end_ns >= SINCE_NS else span.end_ns
    return replace(span, start_ns=span.start_ns + by, end_ns=end_ns, events=events)
