"""A trace as the tree of its parent ids, whatever is missing or circular in them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from traces.model import Span, Trace


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its place with its number of children; an orphan's parent is not there."""

    span: Span
    depth: int
    children: int
    orphan: bool = False


def root_of(trace: Trace) -> Span | None:
    """The first span without a parent, or else the first row of the tree."""
    if trace.roots:
        return min(trace.roots, key=lambda span: (span.start_ns, -span.end_ns))
    rows = tree(trace)
    return rows[0].span if rows else None


def tree(trace: Trace) -> tuple[Row, ...]:
    """All spans depth first: roots and orphans by start, then what hangs on a ring of parents."""
    in_order = sorted(trace.spans, key=lambda span: (span.start_ns, -span.end_ns))
    seen: set[str] = set()
    rows: list[Row] = []
    for span in in_order:
        if span.parent_id not in trace.by_id:
            rows.extend(below(trace, span, seen, orphan=span.parent_id is not None))
    for span in in_order:
        if span.span_id not in seen:
            rows.extend(below(trace, span, seen, orphan=True))
    return tuple(rows)


def below(trace: Trace, top: Span, seen: set[str], *, orphan: bool) -> Iterator[Row]:
    # Without recursion: traces may be deeper than Python's stack.
    waiting = [(top, 0)]
    while waiting:
        span, depth = waiting.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        own = trace.children_of(span)
        yield Row(span, depth, len(own), orphan and depth == 0)
        waiting.extend((child, depth + 1) for child in reversed(own))


def self_times(trace: Trace) -> Mapping[str, int]:
    """Nanoseconds of each span, by id, in which none of its children ran."""
    return {span.span_id: self_time(trace, span) for span in trace.spans}


def self_time(trace: Trace, span: Span) -> int:
    return span.duration_ns - covered(span, trace.children_of(span))


def covered(span: Span, children: Iterable[Span]) -> int:
    """How much of a span its children (in order of their start) fill; overlaps count once."""
    total, until = 0, span.start_ns
    for child in children:
        start, end = max(child.start_ns, until), min(child.end_ns, span.end_ns)
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
        lines.append("  " * row.depth + str(row.span))
    return "\n".join(lines) or "(no spans)"
