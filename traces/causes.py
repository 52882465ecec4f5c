"""Where an error began."""

from traces.model import Span, Trace
from traces.semconv import value_of


def root_causes(trace: Trace) -> tuple[Span, ...]:
    """The failed spans below which nothing failed, in order of their start.

    A refusal (4xx) is an error to the caller and none to the one who answers, so that each call on
    its way up is a failed span without a failed child: the deepest one is the cause of all. A call
    without an answer, such as a timeout, failed by itself, whatever failed below it.
    """
    failed = [span for span in trace.spans if span.failed]
    above = {ancestor.span_id for span in failed for ancestor in trace.ancestors(span)}
    causes = [
        span
        for span in failed
        if not any(child.failed for child in trace.children_of(span))
        and (span.span_id not in above or not is_answered(span))
    ]
    # In a ring of parents everything is above everything.
    return tuple(sorted(causes or failed[:1], key=lambda span: span.start_ns))


def is_answered(span: Span) -> bool:
    """Whether an HTTP answer came, of whatever status."""
    return value_of(span.attributes, "http.response.status_code") is not None
