"""Where an error began."""

from collections.abc import Iterable

from traces.clocks import clocks_of
from traces.model import Span, Trace, once
from traces.semconv import value_of


@once
def root_causes(trace: Trace) -> tuple[Span, ...]:
    """The failed spans below which nothing failed, in order of their start by clocks that agree.

    A refusal (4xx) is an error to the caller and none to the one who answers, so that each call on
    its way up is a failed span without a failed child: the deepest one is the cause of all. A call
    without an answer, such as a timeout, failed by itself, whatever failed below it.
    """
    failed = [span for span in trace.spans if span.failed]
    above = ids_above(trace, failed)
    causes = [
        span
        for span in failed
        if not any(child.failed for child in trace.children_of(span))
        and (span.span_id not in above or not is_answered(span))
    ]
    # In a ring of parents everything is above everything.
    return tuple(sorted(causes or failed[:1], key=clocks_of(trace).start))


def ids_above(trace: Trace, spans: Iterable[Span]) -> set[str]:
    """The ids of all ancestors of these spans; what was walked once is not walked again."""
    above: set[str] = set()
    for span in spans:
        for ancestor in trace.ancestors(span):
            if ancestor.span_id in above:
                break
            above.add(ancestor.span_id)
    return above


def is_answered(span: Span) -> bool:
    """Whether an HTTP answer came, of whatever status."""
    return value_of(span.attributes, "http.response.status_code") is not None
