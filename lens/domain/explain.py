"""What a trace says about itself: where an error began, and whose time was whose."""

from collections.abc import Iterable, Mapping

from lens.domain.model import Span, Trace
from lens.domain.tree import children_of


def root_causes(trace: Trace) -> tuple[Span, ...]:
    """The failed spans below which nothing failed, in order of their start."""
    children = children_of(trace)
    causes = (
        span
        for span in trace.spans
        if span.failed and not any(child.failed for child in children.get(span.span_id, ()))
    )
    return tuple(sorted(causes, key=lambda span: span.start_ns))


def self_times(trace: Trace) -> Mapping[str, int]:
    """Nanoseconds of each span, by id, in which none of its children ran."""
    children = children_of(trace)
    return {
        span.span_id: span.duration_ns - covered(span, children.get(span.span_id, ()))
        for span in trace.spans
    }


def covered(span: Span, children: Iterable[Span]) -> int:
    """How much of a span its children (in order of their start) fill; overlaps count once."""
    total, until = 0, span.start_ns
    for child in children:
        start, end = max(child.start_ns, until), min(child.end_ns, span.end_ns)
        if start < end:
            total += end - start
            until = end
    return total
