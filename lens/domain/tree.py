"""A trace as the tree its parent ids draw, whatever is missing or crooked in them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lens.domain.model import Span, Trace


@dataclass(frozen=True, slots=True)
class Row:
    """A span at its place with its number of children; an orphan's parent is not there."""

    span: Span
    depth: int
    children: int
    orphan: bool = False


def children_of(trace: Trace) -> Mapping[str, Sequence[Span]]:
    """The children of each span that has some, by its id, in order of their start."""
    ids = {span.span_id for span in trace.spans}
    children: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(trace.spans, key=lambda span: (span.start_ns, -span.end_ns)):
        if span.parent_id in ids and span.parent_id != span.span_id:
            children[span.parent_id].append(span)
    return dict(children)


def root_of(trace: Trace) -> Span | None:
    """The first span without a parent, or else the first row of the tree."""
    rows = tree(trace)
    whole = (row.span for row in rows if row.span.parent_id is None)
    return next(whole, rows[0].span if rows else None)


def tree(trace: Trace) -> tuple[Row, ...]:
    """All spans depth first: roots and orphans by start, then what hangs on a ring of parents."""
    children = children_of(trace)
    ids = {span.span_id for span in trace.spans}
    in_order = sorted(trace.spans, key=lambda span: (span.start_ns, -span.end_ns))
    seen: set[str] = set()
    rows: list[Row] = []
    for span in in_order:
        if span.parent_id is None or span.parent_id not in ids:
            rows.extend(below(span, children, seen, orphan=span.parent_id is not None))
    for span in in_order:
        if span.span_id not in seen:
            rows.extend(below(span, children, seen, orphan=True))
    return tuple(rows)


def below(
    top: Span, children: Mapping[str, Sequence[Span]], seen: set[str], *, orphan: bool
) -> Iterator[Row]:
    # Without recursion: traces may be deeper than Python's stack.
    waiting = [(top, 0)]
    while waiting:
        span, depth = waiting.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        own = children.get(span.span_id, ())
        yield Row(span, depth, len(own), orphan and depth == 0)
        waiting.extend((child, depth + 1) for child in reversed(own))
