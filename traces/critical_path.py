"""The chain of work that made a trace take as long as it did.

Walks back from the root's end through the child that finished last, as Jaeger does: time in which
no child ran is the span's own, and a child that was still running when a later one began is not on
the path. Where the clocks of processes disagree, it is walked as if they agreed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from traces.clocks import Clocks, clocks_of
from traces.model import Span, Trace, once
from traces.tree import root_of


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which nothing but this span kept the trace from being done, by the
    span's own clock.
    """

    span: Span
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


@once
def critical_path(trace: Trace) -> tuple[Segment, ...]:
    """The segments in order of time; together they cover the root span without gap or overlap."""
    root = root_of(trace)
    if root is None:
        return ()
    clocks = clocks_of(trace)
    return path_of(trace, root, clocks.start(root), clocks.end(root))


def path_of(trace: Trace, top: Span, start_ns: int, end_ns: int) -> tuple[Segment, ...]:
    """The critical path of one span between two moments, by the clock of the trace's root."""
    clocks = clocks_of(trace)
    segments: list[Segment] = []
    waiting = [Stretch(top, max(start_ns, clocks.start(top)), min(end_ns, clocks.end(top)))]
    while waiting:
        stretch = waiting.pop()
        own, called = split(stretch, trace.children_of(stretch.span), clocks)
        segments.extend(own)
        waiting.extend(called)
    segments.sort(key=lambda segment: segment.start_ns)
    return tuple(recorded(segment, clocks) for segment in segments)


def recorded(segment: Segment, clocks: Clocks) -> Segment:
    """The segment by the clock of its span."""
    ahead = clocks.ahead(segment.span)
    if not ahead:
        return segment
    return Segment(segment.span, segment.start_ns + ahead, segment.end_ns + ahead)


def spans_on(path: Sequence[Segment]) -> frozenset[str]:
    """The ids of the spans a path goes through."""
    return frozenset(segment.span.span_id for segment in path)


def time_on(path: Sequence[Segment]) -> Mapping[str, int]:
    """Nanoseconds of the path that are each span's own, by the span's id."""
    times: dict[str, int] = {}
    for segment in path:
        key = segment.span.span_id
        times[key] = times.get(key, 0) + segment.duration_ns
    return times


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span, clipped to the time its caller waited for it."""

    span: Span
    start_ns: int
    end_ns: int


def split(
    stretch: Stretch, children: Iterable[Span], clocks: Clocks
) -> tuple[list[Segment], list[Stretch]]:
    """What of the stretch is the span's own time, and which children the rest is."""
    own: list[Segment] = []
    called: list[Stretch] = []
    until = stretch.end_ns
    clipped = (
        Stretch(
            child,
            max(clocks.start(child), stretch.start_ns),
            min(clocks.end(child), stretch.end_ns),
        )
        for child in children
    )
    for child in sorted(clipped, key=lambda child: child.end_ns, reverse=True):
        if child.end_ns > until or child.start_ns >= child.end_ns:
            continue
        if child.end_ns < until:
            own.append(Segment(stretch.span, child.end_ns, until))
        called.append(child)
        until = child.start_ns
    if stretch.start_ns < until:
        own.append(Segment(stretch.span, stretch.start_ns, until))
    return own, called
