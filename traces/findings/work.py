"""What the services of a trace did that is worth knowing."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from traces.causes import root_causes
from traces.clocks import clocks_of
from traces.critical_path import critical_path
from traces.findings.finding import Finding
from traces.model import Follower, Kind, Span, Trace
from traces.times import has_duration
from traces.units import duration, listed, share, shortened
from traces.verdict import callee, http_status, text

SEQUENTIAL = 6
OUTLIVED_NS = 100_000_000
ON_PURPOSE = "acmeshop.fault.id"


def injected(trace: Trace) -> Iterator[Finding]:
    """A failure that was ordered: the first cause says which fault it is."""
    for cause in root_causes(trace):
        if fault := text(cause.attributes.get(ON_PURPOSE)):
            sentence = f"This failure is on purpose: it is the fault {fault}."
            yield Finding("injected", sentence, cause)
            return


def one_by_one(trace: Trace) -> Iterator[Finding]:
    """The same call again and again below one span, each after the answer to the one before."""
    calls: dict[tuple[str | None, str, str], list[Span]] = {}
    for span in trace.spans:
        if span.kind is Kind.CLIENT and (called := callee(trace, span)):
            calls.setdefault((span.parent_id, span.name, called), []).append(span)
    for (_, name, called), same in calls.items():
        if len(same) >= SEQUENTIAL and all(a.end_ns <= b.start_ns for a, b in pairwise(same)):
            times = f"{len(same)} times, one after the other"
            sentence = f"{same[0].service} called {called} {times} ({name}): an N+1."
            yield Finding("n_plus_one", sentence, same[0])


def retry_storm(trace: Trace) -> Iterator[Finding]:
    """A call that failed many times because the calls above it were tried again as well."""
    failed: dict[tuple[str, str, str], list[Span]] = {}
    for cause in root_causes(trace):
        if cause.kind is Kind.CLIENT and (called := callee(trace, cause)):
            failed.setdefault((cause.service, cause.name, called), []).append(cause)
    for (service, _, called), same in failed.items():
        layers = sum(tried_again(trace, span) for span in (same[0], *trace.ancestors(same[0])))
        if layers > 1:
            sentence = (
                f"{service} called {called} {len(same)} times: {layers} layers retry at once."
            )
            yield Finding("retry_storm", sentence, same[0])


def tried_again(trace: Trace, call: Span) -> bool:
    """Whether the same call was made more than once below the same span, and failed."""
    parent = trace.parent_of(call)
    if parent is None or call.kind is not Kind.CLIENT:
        return False
    same = (span for span in trace.children_of(parent) if span.name == call.name and span.failed)
    return sum(1 for _ in same) > 1


def outlived(trace: Trace) -> Iterator[Finding]:
    """Work that went on after its caller had given up."""
    clocks = clocks_of(trace)
    for call in trace.spans:
        if not (call.kind is Kind.CLIENT and call.failed and not http_status(call)):
            continue
        receiver = trace.receiver_of(call)
        if receiver is None or not (has_duration(call) and has_duration(receiver)):
            continue
        longer = clocks.end(receiver) - clocks.end(call)
        if longer > OUTLIVED_NS:
            more = duration(longer)
            sentence = f"{receiver.service} worked on for {more} after {call.service} gave up."
            yield Finding("outlived", sentence, receiver)


def follows_from(trace: Trace) -> Iterator[Finding]:
    """A message that another trace sent."""
    for span in trace.spans:
        others = {link.trace_id for link in span.links if link.trace_id != trace.trace_id}
        if span.kind is Kind.CONSUMER and others:
            what = "another trace" if len(others) == 1 else f"{len(others)} other traces"
            sentence = f"{span.service}: {shortened(span.name)} continues {what}, see its link."
            yield Finding("link", sentence, span)


def followed(trace: Trace) -> Iterator[Finding]:
    """A message that led to work in another trace."""
    others: dict[str, list[Follower]] = {}
    for one in trace.followers:
        if one.trace_id != trace.trace_id:
            others.setdefault(one.to_span_id, []).append(one)
    for span in trace.spans:
        if followers := others.get(span.came_as.span_id):
            traces = len({one.trace_id for one in followers})
            where = "another trace" if traces == 1 else f"{traces} other traces"
            names = listed(
                dict.fromkeys(f"{one.service}: {shortened(one.name)}" for one in followers)
            )
            sentence = f"{span.service}: {shortened(span.name)} is followed by {names} in {where}."
            yield Finding("followed", sentence, span)


def where_time_went(trace: Trace) -> Iterator[Finding]:
    """The service, and what it waited for, that hold most of the critical path."""
    times: Counter[tuple[str, str]] = Counter()
    longest: dict[tuple[str, str], Span] = {}
    for segment in critical_path(trace):
        span = segment.span
        key = (span.service, callee(trace, span))
        times[key] += segment.duration_ns
        longest.setdefault(key, span)
    whole = times.total()
    if not whole or len(trace.spans) < 2:
        return
    key, most = times.most_common(1)[0]
    service, called = key
    doing = f"{service} waiting for {called}" if called else f"{service} itself"
    time = f"{duration(most)} of {duration(whole)} ({share(most, whole)})"
    yield Finding("time", f"The largest part of the time, {time}, was {doing}.", longest[key])
