"""Who waited for what: work for nobody, slow answers, gaps, queues."""

from collections import Counter
from collections.abc import Iterable, Iterator

from traces.causes import root_causes
from traces.clocks import clocks_of
from traces.critical_path import Segment, critical_path, path_of
from traces.findings.around import Surroundings
from traces.findings.finding import Finding
from traces.model import Kind, Span, Trace
from traces.timeline import extent
from traces.times import has_duration
from traces.units import duration, share, shortened
from traces.verdict import callee, http_status

OUTLIVED_NS = 100_000_000
GAP_NS, GAP_SHARE = 120_000_000, 0.4
QUEUED_NS = 1_000_000_000
WAITED_SHARE = 0.5


def outlived(trace: Trace) -> Iterator[Finding]:
    """Work that went on after its caller had given up."""
    for call, receiver, longer in overtime(trace):
        if call.failed and not http_status(call):
            more = duration(longer)
            sentence = f"{receiver.service} worked on for {more} after {call.service} gave up."
            yield Finding("outlived", sentence, receiver, (call,))


def slow_body(trace: Trace) -> Iterator[Finding]:
    """An answer whose head came long before its end, while the caller waited."""
    clocks = clocks_of(trace)
    for call, receiver, longer in overtime(trace):
        above = trace.parent_of(call)
        if call.failed or above is None or not http_status(call):
            continue
        # Work after the answer keeps nobody waiting.
        if clocks.end(above) >= clocks.end(call) + longer // 2:
            sentence = (
                f"{receiver.service} began to answer after {duration(call.duration_ns)}, and went "
                f"on for {duration(longer)}, while {call.service} read it: no span shows that."
            )
            yield Finding("slow_body", sentence, receiver, (call, above))


def overtime(trace: Trace) -> Iterator[tuple[Span, Span, int]]:
    """Calls whose receiver worked on after they had ended, and for how many nanoseconds."""
    clocks = clocks_of(trace)
    for call in trace.spans:
        if call.kind is not Kind.CLIENT:
            continue
        receiver = trace.receiver_of(call)
        if receiver is None or not (has_duration(call) and has_duration(receiver)):
            continue
        longer = clocks.end(receiver) - clocks.end(call)
        if longer > OUTLIVED_NS:
            yield call, receiver, longer


def waited_for(trace: Trace) -> Iterator[Finding]:
    """What the callee did while a call waited until it timed out."""
    for call in root_causes(trace):
        receiver = trace.receiver_of(call)
        if call.kind is not Kind.CLIENT or http_status(call) or receiver is None:
            continue
        clocks = clocks_of(trace)
        path = path_of(trace, receiver, clocks.start(call), clocks.end(call))
        found = largest(trace, path)
        if found is None or found[2] < WAITED_SHARE * call.duration_ns:
            continue
        span, doing, most = found
        time = f"{duration(most)} of {duration(call.duration_ns)}"
        sentence = f"While {call.service} waited for {receiver.service}, {time} was {doing}."
        yield Finding("waited_for", sentence, span, (call, receiver))


def where_time_went(trace: Trace) -> Iterator[Finding]:
    """The service, and what it waited for, that hold most of the critical path."""
    path = critical_path(trace)
    found = largest(trace, path)
    if found is not None and len(trace.spans) > 1:
        span, doing, most = found
        whole = sum(segment.duration_ns for segment in path)
        time = f"{duration(most)} of {duration(whole)} ({share(most, whole)})"
        yield Finding("time", f"The largest part of the time, {time}, was {doing}.", span)


def largest(trace: Trace, path: Iterable[Segment]) -> tuple[Span, str, int] | None:
    """What holds most of a path: the span with most of it, words for it, and nanoseconds."""
    times: Counter[tuple[str, str]] = Counter()
    spans: Counter[tuple[tuple[str, str], str]] = Counter()
    for segment in path:
        span = segment.span
        key = (span.service, callee(trace, span))
        times[key] += segment.duration_ns
        spans[key, span.span_id] += segment.duration_ns
    if not times.total():
        return None
    key, most = times.most_common(1)[0]
    span_id = max((one for one in spans if one[0] == key), key=lambda one: spans[one])[1]
    service, called = key
    doing = f"{service} waiting for {called}" if called else f"{service} itself"
    return trace.by_id[span_id], doing, most


def gaps(trace: Trace) -> Iterator[Finding]:
    """The longest stretch of the critical path in which a span has nothing below it, if it is
    much of the time.
    """
    start, end = extent(trace)
    own = [one for one in critical_path(trace) if not one.span.kind.calls]
    longest = max(own, key=lambda one: one.duration_ns, default=None)
    if longest is None or not has_duration(longest.span):
        return
    if longest.duration_ns < max(GAP_NS, GAP_SHARE * (end - start)):
        return
    span = longest.span
    before, after = around_gap(trace, longest)
    if before and after and before.failed and before.name == after.name:
        return  # the pause before another try
    sentence = (
        f"{span.service}: {shortened(span.name)} {stood(before, after)} for "
        f"{duration(longest.duration_ns)}, and no span says why: work of its own, or a wait for a "
        "lock, a connection or the event loop."
    )
    yield Finding("gap", sentence, span)


def around_gap(trace: Trace, gap: Segment) -> tuple[Span | None, Span | None]:
    """The last child that ended before a gap, and the first that began after it."""
    clocks = clocks_of(trace)
    start, end = (ns - clocks.ahead(gap.span) for ns in (gap.start_ns, gap.end_ns))
    children = [child for child in trace.children_of(gap.span) if has_duration(child)]
    before = [child for child in children if clocks.end(child) <= start]
    after = [child for child in children if clocks.start(child) >= end]
    return max(before, key=clocks.end, default=None), min(after, key=clocks.start, default=None)


def stood(before: Span | None, after: Span | None) -> str:
    if before is None:
        return f"did not get to {shortened(after.name, 60)}" if after else "called nobody"
    if after is None:
        return f"went on after {shortened(before.name, 60)}"
    return f"called nobody between {shortened(before.name, 60)} and {shortened(after.name, 60)}"


def queued(trace: Trace, around: Surroundings) -> Iterator[Finding]:
    """How long messages waited for their consumers."""
    for span in trace.spans:
        if span.kind is not Kind.CONSUMER:
            continue
        parent = trace.parent_of(span)
        senders = [around.linked.get((link.trace_id, link.span_id)) for link in span.links]
        for sender in (parent, *senders):
            if sender is None or sender.kind is not Kind.PRODUCER or not has_duration(sender):
                continue
            wait = span.start_ns - sender.end_ns
            if wait >= QUEUED_NS:
                sentence = (
                    f"The message of {sender.service} waited {duration(wait)} until "
                    f"{span.service} began with {shortened(span.name)}."
                )
                yield Finding("queue", sentence, span)
