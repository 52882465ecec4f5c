"""What took longer than it usually does."""

from collections.abc import Iterator

from traces.findings.around import Surroundings
from traces.findings.finding import Finding
from traces.model import Trace
from traces.tree import self_times
from traces.units import duration, shortened
from traces.usual import beyond
from traces.verdict import callee

SHARE_MORE, LEAST_MORE_NS = 0.25, 100_000_000


def slower(trace: Trace, around: Surroundings) -> Iterator[Finding]:
    """The span whose own time has grown most, if that is much of what the trace took."""
    known = around.usual
    found = beyond(trace, known) if known is not None and known.is_known else ()
    if known is None or not found:
        return
    span, row = found[0]
    own = self_times(trace)[span.span_id]
    whole = max((root.duration_ns for root in trace.roots), default=0)
    if own - row.own_p50_ns < max(LEAST_MORE_NS, SHARE_MORE * whole):
        return
    called = callee(trace, span)
    what = f"waiting for {called}" if called else "by itself"
    sentence = (
        f"{span.service}: {shortened(span.name)} spent {duration(own)} {what}, usually "
        f"{duration(row.own_p50_ns)} (the middle of {known.traces} traces of this kind)."
    )
    yield Finding("slower", sentence, span, tuple(one for one, _ in found[1:]))
