"""A trace as the tree of its parent ids, whatever is missing or circular in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from traces.clocks import Clocks, clocks_of
from traces.model import Span, Trace, once


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its place with its number of children. An orphan's parent is not there; of a ring
    of parents the first span stands above the others, and `ring` is true for all.
    """

    span: Span
    depth: int
    children: int
    orphan: bool = False
    ring: bool = False


def root_of(trace: Trace) -> Span | None:
    """The first span without a parent, or else the first row of the tree."""
    if trace.roots:
        return min(trace.roots, key=in_order)
    rows = tree(trace)
    return rows[0].span if rows else None


@once
def tree(trace: Trace) -> tuple[Row, ...]:
    """All spans depth first: roots and orphans by start, then what hangs on a ring of parents."""
    cut = [ring[0] for ring in trace.rings]
    tops = [span for span in trace.spans if trace.parent_of(span) is None]
    in_ring = {span.span_id for ring in trace.rings for span in ring}
    orphans = {span.span_id for span in trace.orphans}
    return tuple(
        Row(
            span,
            depth,
            len(trace.children_of(span)),
            span.span_id in orphans,
            span.span_id in in_ring,
        )
        for top in (*sorted(tops, key=in_order), *sorted(cut, key=in_order))
        for span, depth in below(trace, top)
    )


def in_order(span: Span) -> tuple[int, int]:
    """What began first comes first; of what began at once, what lasted longest."""
    return span.start_ns, -span.end_ns


def below(trace: Trace, top: Span) -> Iterator[tuple[Span, int]]:
    """The span and all below it, depth first, each with its depth."""
    # Without recursion: traces may be deeper than Python's stack.
    waiting = [(top, 0)]
    while waiting:
        span, depth = waiting.pop()
        yield span, depth
        waiting.extend((child, depth + 1) for child in reversed(trace.children_of(span)))


@once
def self_times(trace: Trace) -> Mapping[str, int]:
    """Nanoseconds of each span, by id, in which none of its children ran."""
    return {span.span_id: self_time(trace, span) for span in trace.spans}


def self_time(trace: Trace, span: Span) -> int:
    return span.duration_ns - covered(span, trace.children_of(span), clocks_of(trace))


def covered(span: Span, children: Iterable[Span], clocks: Clocks) -> int:
    """How much of a span its children fill, as if all clocks agreed; overlaps count once."""
    total, until, last = 0, clocks.start(span), clocks.end(span)
    for begun, done in sorted((clocks.start(child), clocks.end(child)) for child in children):
        start, end = max(begun, until), min(done, last)
        if start < end:
            total += end - start
            until = end
    return total


def indented(trace: Trace) -> str:
    """The trace as indented text, one line for each span."""
    lines: list[str] = []
    for row in tree(trace):
        if row.orphan:
            lines.append(f"(parent {row.span.parent_id} is missing)")
        elif row.ring and row.depth == 0:
            lines.append(f"(parent {row.span.parent_id} is below: a ring)")
        lines.append("  " * row.depth + str(row.span))
    return "\n".join(lines) or "(no spans)"
