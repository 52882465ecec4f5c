"""Which spans of a trace have a place on its time axis, and what is odd about the others."""

from collections.abc import Mapping, Sequence

from traces.clocks import clocks_of
from traces.model import Span, Trace, once
from traces.times import LENIENCE_NS, OddTime, day, odd_time


@once
def odd_times(trace: Trace) -> Mapping[str, OddTime]:
    """The spans whose times cannot be right, by id. Clock skew alone does not count."""
    found = {odd.span.span_id: odd for odd in map(odd_time, trace.spans) if odd}
    if trace.read_ns:
        found.update(in_future(trace, [span for span in trace.spans if span.span_id not in found]))
    return found


def in_future(trace: Trace, spans: Sequence[Span]) -> Mapping[str, OddTime]:
    """Those of the spans that begin or end after the trace was read."""
    clocks, latest = clocks_of(trace), trace.read_ns + LENIENCE_NS
    starts = [span for span in spans if clocks.start(span) > latest]
    ends = [s for s in spans if clocks.start(s) <= latest < clocks.end(s)]
    # If all start then, they still have a place beside each other.
    alone = len(starts) < len(spans)
    return {
        **{span.span_id: late("start", span, span.start_ns, misplaced=alone) for span in starts},
        **{span.span_id: late("end", span, span.end_ns) for span in ends},
    }


def late(verb: str, span: Span, time_ns: int, *, misplaced: bool = False) -> OddTime:
    when = f"in the future, on {day(time_ns)} (UTC)"
    return OddTime(span, f"{verb}s {when}", f"{verb} {when}", misplaced)


@once
def placed(trace: Trace) -> Sequence[Span]:
    """The spans that have a place on a time axis; all of them if none has."""
    odd = odd_times(trace)
    right = [s for s in trace.spans if not ((one := odd.get(s.span_id)) and one.misplaced)]
    return right or trace.spans


def extent(trace: Trace) -> tuple[int, int]:
    """From the first start to the last end of the spans that have a place."""
    spans = placed(trace)
    if not spans:
        return 0, 0
    starts = [span.start_ns for span in spans]
    return min(starts), max(*starts, *(span.end_ns for span in spans))
