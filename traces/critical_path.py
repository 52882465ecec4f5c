"""The chain of work that made a trace take as long as it did.

Walks back from the root's end through the child that finished last, as Jaeger does: time in which
no child ran is the span's own, and a child that was still running when a later one began is not on
the path.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from traces.model import Span, Trace
from traces.tree import root_of


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which nothing but this span kept the trace from being done."""

    span_id: str
    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns


def critical_path(trace: Trace) -> tuple[Segment, ...]:
    """The segments in order of time; together they cover the root span without gap or overlap."""
    root = root_of(trace)
    if root is None:
        return ()
    segments: list[Segment] = []
    waiting = [Stretch(root, root.start_ns, root.end_ns)]
    seen = {root.span_id}
    while waiting:
        stretch = waiting.pop()
        own, called = split(stretch, trace.children_of(stretch.span), seen)
        segments.extend(own)
        seen.update(child.span.span_id for child in called)
        waiting.extend(called)
    return tuple(sorted(segments, key=lambda segment: segment.start_ns))


def spans_on(path: Sequence[Segment]) -> frozenset[str]:
    """The ids of the spans a path goes through."""
    return frozenset(segment.span_id for segment in path)


def time_on(path: Sequence[Segment]) -> Mapping[str, int]:
    """Nanoseconds of the path that are each span's own."""
    times: dict[str, int] = {}
    for segment in path:
        times[segment.span_id] = times.get(segment.span_id, 0) + segment.duration_ns
    return times


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span, clipped to the time its caller waited for it."""

    span: Span
    start_ns: int
    end_ns: int


def split(
    stretch: Stretch, children: Sequence[Span], seen: set[str]
) -> tuple[list[Segment], list[Stretch]]:
    """What of the stretch is the span's own time, and which children the rest is."""
    own: list[Segment] = []
    called: list[Stretch] = []
    until = stretch.end_ns
    clipped = (
        Stretch(child, max(child.start_ns, stretch.start_ns), min(child.end_ns, stretch.end_ns))
        for child in children
        if child.span_id not in seen
    )
    for child in sorted(clipped, key=lambda child: child.end_ns, reverse=True):
        if child.end_ns > until or child.start_ns >= child.end_ns:
            continue
        if child.end_ns < until:
            own.append(Segment(stretch.span.span_id, child.end_ns, until))
        called.append(child)
        until = child.start_ns
    if stretch.start_ns < until:
        own.append(Segment(stretch.span.span_id, stretch.start_ns, until))
    return own, called
