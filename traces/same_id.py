"""Spans of one trace that came with the same id: all are kept, each under an id of its own.

Programs that restore their random numbers after a fork give an id twice, and in Zipkin's model both
sides of a call share one. A span that comes again as it was is no second span, but sent twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from traces.model import Kind, Sent, Span, Trace


def with_own_id(span: Span) -> Span:
    """The span with an id made of its content: the same one whenever it comes."""
    content = repr(span).encode("utf-8", "backslashreplace")
    own = blake2b(content, digest_size=8).hexdigest()
    return replace(span, span_id=own, sent=Sent(span.span_id, span.parent_id))


def distinguished(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans of one trace in whatever order, each once and with an id of its own."""
    found: dict[str, Span] = {}
    for span in spans:
        first = found.setdefault(span.span_id, span)
        if first is not span and repr(first) != repr(span):
            second = with_own_id(span)
            found[second.span_id] = second
    return below_their_own(list(found.values()))


def below_their_own(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans, those whose parent id is that of several below the one that they belong to."""
    groups = same_ids(spans)
    if not groups:
        return tuple(spans)
    return tuple(adopted(span, groups) for span in spans)


def same_ids(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """The spans that came with one id, by that id, in order of their start."""
    spans = list(spans)
    ids = {span.sent.span_id for span in spans if span.sent and span.sent.span_id != span.span_id}
    groups: dict[str, list[Span]] = {}
    if ids:
        for span in sorted(spans, key=lambda span: span.start_ns):
            if span.came_as.span_id in ids:
                groups.setdefault(span.came_as.span_id, []).append(span)
    return groups


def is_one_call(same: Sequence[Span]) -> bool:
    """Whether spans with one id are the two sides of a call, so that nothing about them is odd."""
    return len(same) == 2 and {span.kind for span in same} == {Kind.CLIENT, Kind.SERVER}


def adopted(span: Span, groups: dict[str, list[Span]]) -> Span:
    """The span below its parent: the receiver's side of a call below the caller's side with the
    same id, others below the span of their own service among those with the id of their parent.
    """
    sent_id, parent_id = span.came_as
    callers = [one for one in groups.get(sent_id, ()) if one.kind.calls and one is not span]
    if span.kind.receives and callers:
        parent = callers[0]
    elif parent_id in groups and parent_id != sent_id:
        same = groups[parent_id]
        own = [one for one in same if one.service == span.service]
        parent = (own or [one for one in same if one.kind.receives] or same)[0]
    else:
        return span
    return replace(span, parent_id=parent.span_id, sent=Sent(sent_id, parent_id))


def traces_of(spans: Iterable[Span]) -> list[Trace]:
    """The spans as traces, in the order of their first spans."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return [Trace.of(trace_id, distinguished(own)) for trace_id, own in traces.items()]
