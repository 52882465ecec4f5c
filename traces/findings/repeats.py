"""The same call again and again: one by one, side by side, or because the ones before failed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from traces.causes import root_causes
from traces.clocks import clocks_of
from traces.findings.finding import Finding
from traces.model import Kind, Span, Trace
from traces.units import duration
from traces.verdict import callee

SEQUENTIAL = 6


def one_by_one(trace: Trace) -> Iterator[Finding]:
    """The same call many times below one span, each after the answer to the one before."""
    for called, same in repeated(trace):
        if all(a.end_ns <= b.start_ns for a, b in pairwise(same)):
            times = f"{len(same)} times, one after the other"
            first = same[0]
            sentence = f"{first.service} called {called} {times} ({first.name}): an N+1."
            yield Finding("n_plus_one", sentence, first, tuple(same[1:]))


def side_by_side(trace: Trace) -> Iterator[Finding]:
    """The same call many times below one span, most of them while others of them are under way."""
    for called, same in repeated(trace):
        overlapping = sum(b.start_ns < a.end_ns for a, b in pairwise(same))
        if 2 * overlapping >= len(same):
            first = same[0]
            took = duration(max(span.end_ns for span in same) - first.start_ns)
            times = f"{len(same)} times at once ({first.name}), in {took} together"
            sentence = f"{first.service} called {called} {times}: a parallel fan-out."
            yield Finding("fan_out", sentence, first, tuple(same[1:]))


def repeated(trace: Trace) -> Iterator[tuple[str, Sequence[Span]]]:
    """Calls of the same below one span, if they are many, in order of their start."""
    calls: dict[tuple[str | None, str, str], list[Span]] = {}
    for span in trace.spans:
        if span.kind is Kind.CLIENT and (called := callee(trace, span)):
            calls.setdefault((span.parent_id, span.name, called), []).append(span)
    for (_, _, called), same in calls.items():
        if len(same) >= SEQUENTIAL:
            yield called, same


def retry_storm(trace: Trace) -> Iterator[Finding]:
    """A call that failed many times because the calls above it were tried again as well."""
    failed: dict[tuple[str, str, str], list[Span]] = {}
    for cause in root_causes(trace):
        if cause.kind is Kind.CLIENT and (called := callee(trace, cause)):
            failed.setdefault((cause.service, cause.name, called), []).append(cause)
    for (service, _, called), same in failed.items():
        again = [span for span in (same[0], *trace.ancestors(same[0])) if tried_again(trace, span)]
        if len(again) > 1:
            sentence = (
                f"{service} called {called} {len(same)} times: {len(again)} layers retry at once."
            )
            yield Finding("retry_storm", sentence, same[0], (*same[1:], *again))


def tried_again(trace: Trace, call: Span) -> bool:
    """Whether the same call was made more than once below the same span, and failed."""
    parent = trace.parent_of(call)
    if parent is None or call.kind is not Kind.CLIENT:
        return False
    same = (span for span in trace.children_of(parent) if span.name == call.name and span.failed)
    return sum(1 for _ in same) > 1


LEAST_SAVED_NS, SHARE_SAVED = 100_000_000, 0.3


def lock_step(trace: Trace) -> Iterator[Finding]:
    """Calls of different services one after the other, that might have been made at once."""
    clocks = clocks_of(trace)
    whole = max((span.duration_ns for span in trace.roots), default=0)
    for parent_id, calls in calls_of_services(trace).items():
        run = [calls[0]]
        for before, after in pairwise(calls):
            if clocks.start(after) < clocks.end(before):
                break
            run.append(after)
        else:
            times = [span.duration_ns for span in run]
            saved = sum(times) - max(times)
            if saved >= LEAST_SAVED_NS and saved >= SHARE_SAVED * whole:
                yield in_lock_step(trace, trace.by_id[parent_id], run)


def calls_of_services(trace: Trace) -> Mapping[str, Sequence[Span]]:
    """Below each span the calls that went well, if they are of several services."""
    found: dict[str, Sequence[Span]] = {}
    for span_id, children in trace.children.items():
        calls = [s for s in children if s.kind is Kind.CLIENT and trace.receiver_of(s)]
        if len({callee(trace, span) for span in calls}) > 1 and not any(s.failed for s in calls):
            found[span_id] = calls
    return found


def in_lock_step(trace: Trace, parent: Span, run: Sequence[Span]) -> Finding:
    names = " then ".join(callee(trace, span) for span in run[:4])
    times = [span.duration_ns for span in run]
    at_once = f"at the same time they would take about {duration(max(times))}"
    sentence = (
        f"{parent.service} called {names}, one after the other, in {duration(sum(times))}: "
        f"if none needs the answer of another, {at_once}."
    )
    return Finding("lock_step", sentence, run[0], tuple(run[1:]))
