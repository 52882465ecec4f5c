"""What happened, in a sentence: who broke and how, what the caller saw, where the time went."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lens.views.details import written
from traces.critical_path import Segment
from traces.model import Span, Trace
from traces.semconv import peer_of, value_of
from traces.tree import root_of
from traces.units import duration, share


@dataclass(frozen=True, slots=True)
class Cause:
    """Where an error began, in two halves: `auth failed`, `GET /auth answered 500`.

    `span` is the first of the `times` spans that say the same.
    """

    span: Span
    who: str
    how: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    causes: tuple[Cause, ...]
    outcome: str
    where: str


def verdict(trace: Trace, failed: Iterable[Span], path: Sequence[Segment]) -> Verdict:
    """The story of a trace: `failed` are the spans where errors began, `path` its critical path."""
    causes = distinct(cause(span) for span in failed)
    return Verdict(causes, outcome(trace, bool(causes)), where_time_went(trace, path))


def distinct(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Causes that read the same become one, in order of the first."""
    told: dict[tuple[str, str], Cause] = {}
    for cause in causes:
        first = told.get((cause.who, cause.how))
        told[cause.who, cause.how] = replace(first, times=first.times + 1) if first else cause
    return tuple(told.values())


def cause(span: Span) -> Cause:
    peer = peer_of(span)
    who = f"{peer} failed when {span.service} called it" if peer else f"{span.service} failed"
    return Cause(span, who, f"{span.name} {how(span)}")


def how(span: Span) -> str:
    """The plainest reason a failed span gives: its answer, its exception or its status message."""
    status = value_of(span.attributes, "http.response.status_code")
    message = first_exception(span) or span.status_message
    if status is not None:
        told = f" ({message})" if message and len(message) <= 120 else ""
        return f"answered {written(status)}{told}"
    kind = span.attributes.get("error.type")
    if message:
        return f"ended with {message}"
    return f"ended with {written(kind)}" if kind else "ended with an error"


def first_exception(span: Span) -> str:
    for event in span.events:
        if event.name == "exception":
            kind = written(event.attributes.get("exception.type", "an exception"))
            kind = kind.rsplit(".", 1)[-1]
            message = written(event.attributes.get("exception.message", ""))
            return f"{kind}: {message}" if message else kind
    return ""


def outcome(trace: Trace, failed: bool) -> str:
    """What the caller of the root saw of the failure."""
    root = root_of(trace)
    if root is None or root.parent_id is not None:
        return ""
    status = value_of(root.attributes, "http.response.status_code")
    answer = f"answered {written(status)}" if status is not None else "ended"
    if not failed:
        return f"{root.service} {answer} after {duration(root.duration_ns)}, and nothing failed."
    if root.failed:
        return f"It reached the caller: {root.service} {answer} after {duration(root.duration_ns)}."
    if status is None:
        return f"It stayed inside: {root.service} itself did not fail."
    return f"The caller hardly noticed: {root.service} still {answer}."


def where_time_went(trace: Trace, path: Sequence[Segment]) -> str:
    """The service and the work that hold most of the critical path."""
    spans = {span.span_id: span for span in trace.spans}
    times: Counter[tuple[str, str]] = Counter()
    for segment in path:
        span = spans[segment.span_id]
        times[span.service, peer_of(span) or ""] += segment.end_ns - segment.start_ns
    whole = times.total()
    if not whole or len(spans) < 2:
        return ""
    (service, peer), most = times.most_common(1)[0]
    doing = f"{service} waiting for {peer}" if peer else f"{service} itself"
    time = f"{duration(most)} of {duration(whole)} ({share(most, whole)})"
    return f"The largest part of the time, {time}, was {doing}."
