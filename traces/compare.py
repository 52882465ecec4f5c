"""Two traces side by side, or one against the usual: rows that do the same, and how they differ.

Rows belong together by their paths (traces.paths): the same service, kind and name on the same way
down from the root, in the same order among siblings that are alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from traces.causes import root_causes
from traces.clocks import aligned
from traces.model import Span, Trace
from traces.paths import Path, by_path, paths
from traces.times import has_duration, took
from traces.tree import root_of, self_times, tree
from traces.units import duration, listed, plural, shortened
from traces.usual import Usual, is_beyond

State = Literal["same", "slower", "faster", "added", "missing", "failing", "mended"]
MOST_SAID = 3
FAILURES, ADDED, TIMES = ("failing", "mended"), ("added", "missing"), ("slower", "faster")
COUNTED = {
    "failing": "failing",
    "mended": "no longer failing",
    "added": "more",
    "missing": "less",
    "slower": "slower",
    "faster": "faster",
}
LEAST_NS, LEAST_SHARE, LEAST_RATIO = 1_000_000, 0.05, 1.3


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of both traces, or of one: `left` and `right` are its spans, `more_ns` by how much the
    own time of the right is longer.
    """

    path: Path
    depth: int
    left: Span | None
    right: Span | None
    state: State
    more_ns: int

    @property
    def span(self) -> Span:
        """One that is there."""
        found = self.right or self.left
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows depth first, and the differences in sentences, each with its row, if it has one."""

    rows: tuple[Pair, ...]
    sentences: tuple[tuple[str, Pair | None], ...]


def compare(left: Trace, right: Trace) -> Comparison:
    """What is different in the right trace, seen from the left one."""
    left, right = aligned(left), aligned(right)
    own = Own(self_times(left), self_times(right), length(left), length(right))
    rows = tuple(own.pair(*row) for row in merged(left, right))
    return Comparison(rows, tuple(said(left, right, rows)))


@dataclass(frozen=True, slots=True)
class Own:
    """The own times of the spans of both traces, and how long both took, in nanoseconds."""

    left: Mapping[str, int]
    right: Mapping[str, int]
    left_ns: int
    right_ns: int

    def pair(self, path: Path, depth: int, left: Span | None, right: Span | None) -> Pair:
        more = (self.right[right.span_id] if right else 0) - (
            self.left[left.span_id] if left else 0
        )
        return Pair(path, depth, left, right, self.state(left, right), more)

    def state(self, left: Span | None, right: Span | None) -> State:
        if left is None or right is None:
            return "added" if left is None else "missing"
        if left.failed != right.failed:
            return "failing" if right.failed else "mended"
        if not (has_duration(left) and has_duration(right)):
            return "same"
        a, b = left.duration_ns, right.duration_ns
        least = max(LEAST_NS, LEAST_SHARE * max(self.left_ns, self.right_ns))
        if abs(a - b) < least or max(a, b) < LEAST_RATIO * min(a, b):
            return "same"
        return "slower" if b > a else "faster"


def length(trace: Trace) -> int:
    root = root_of(trace)
    return root.duration_ns if root else 0


def merged(left: Trace, right: Trace) -> Iterator[tuple[Path, int, Span | None, Span | None]]:
    """The rows of both, depth first in the order of the left; what only the right has comes after
    what it follows there.
    """
    lefts, rights = by_path(left), by_path(right)
    below = children(right)
    for path, depth in order(children(left), below):
        yield path, depth, lefts.get(path), rights.get(path)


def children(trace: Trace) -> Mapping[Path, Sequence[Path]]:
    """The paths below each path, in order; those of the top rows are below the empty path."""
    path_of, found = paths(trace), dict[Path, list[Path]]()
    above: list[Path] = []
    for row in tree(trace):
        del above[row.depth :]
        path = path_of[row.span.span_id]
        found.setdefault(above[-1] if above else "", []).append(path)
        above.append(path)
    return found


def order(
    left: Mapping[Path, Sequence[Path]], right: Mapping[Path, Sequence[Path]]
) -> Iterator[tuple[Path, int]]:
    """All paths depth first, each with its depth."""
    waiting = [(path, 0) for path in reversed(joined(left.get("", ()), right.get("", ())))]
    while waiting:
        path, depth = waiting.pop()
        yield path, depth
        below = joined(left.get(path, ()), right.get(path, ()))
        waiting.extend((child, depth + 1) for child in reversed(below))


def joined(left: Sequence[Path], right: Sequence[Path]) -> Sequence[Path]:
    """The left ones in their order; a right one that is not among them after the one it follows."""
    known = set(left)
    after: dict[Path, list[Path]] = {}
    last = ""
    for path in right:
        if path in known:
            last = path
        else:
            after.setdefault(last, []).append(path)
    return [*after.get("", ()), *(one for path in left for one in (path, *after.get(path, ())))]


def said(left: Trace, right: Trace, rows: Sequence[Pair]) -> Iterator[tuple[str, Pair | None]]:
    """The whole in a sentence, then the largest differences."""
    yield whole(left, right, rows), None
    for pair in ranked(left, right, rows)[:MOST_SAID]:
        yield difference(pair), pair


def whole(left: Trace, right: Trace, rows: Sequence[Pair]) -> str:
    a, b = root_of(left), root_of(right)
    if a is None or b is None:
        return "One of the two has no spans."
    if (a.service, a.name) != (b.service, b.name):
        kinds = f"{a.service}: {shortened(a.name)}, and {b.service}: {shortened(b.name)}"
        return f"These are traces of different kinds: {kinds}."
    states = [pair.state for pair in rows]
    counted = listed(
        f"{plural(states.count(state), 'span')} {words}"
        for state, words in COUNTED.items()
        if state in states
    )
    times = f"The first took {took(a)}, the second {took(b)}"
    return f"{times}: {counted}." if counted else f"{times}, and both did the same."


def ranked(left: Trace, right: Trace, rows: Sequence[Pair]) -> Sequence[Pair]:
    """The rows worth a sentence, the largest difference first, failures before times: of failing
    rows the causes, of added and missing ones the highest, of slower ones those that are so by
    themselves.
    """
    causes = {span.span_id for trace in (left, right) for span in root_causes(trace)}
    found = [
        pair
        for pair in tops(rows)
        if any(span and span.span_id in causes for span in (pair.left, pair.right))
        or pair.state in ADDED
        or (pair.state in TIMES and 2 * abs(pair.more_ns) >= change(pair))
    ]
    differing = (pair for pair in found if pair.state != "same")
    return sorted(differing, key=lambda pair: (pair.state not in FAILURES, -weight(pair)))


def tops(rows: Sequence[Pair]) -> Iterator[Pair]:
    """Without the rows below one that is added or missing."""
    under: int | None = None
    for pair in rows:
        if under is None or pair.depth <= under:
            under = pair.depth if pair.state in ADDED else None
            yield pair


def change(pair: Pair) -> int:
    left, right = (span.duration_ns if span else 0 for span in (pair.left, pair.right))
    return abs(right - left)


def weight(pair: Pair) -> int:
    return abs(pair.more_ns) if pair.state in TIMES else change(pair)


def difference(pair: Pair) -> str:
    span = pair.span
    name = f"{span.service}: {shortened(span.name)}"
    if pair.state == "added":
        return f"{name} is only in the second, and took {took(span)}."
    if pair.state == "missing":
        return f"{name} is only in the first, and took {took(span)}."
    if pair.state in FAILURES:
        return f"{name} {'failed' if pair.state == 'failing' else 'no longer failed'}."
    assert pair.left is not None
    assert pair.right is not None
    times = f"{took(pair.right)} in place of {took(pair.left)}"
    mine = f"{duration(abs(pair.more_ns))} of the difference its own"
    return f"{name} took {times}, {mine}."


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of a trace against the usual: `p50_ns` is None where there is usually no such row."""

    span: Span
    depth: int
    p50_ns: int | None
    state: State
    more_ns: int


def against(trace: Trace, known: Usual) -> tuple[Measured, ...]:
    """The rows of a trace, those beyond the usual marked; a row that is usually there and is not
    in this trace is left out, as it has no span.
    """
    path_of, own = paths(trace), self_times(trace)
    rows = []
    for place in tree(trace):
        span, row = place.span, known.rows.get(path_of[place.span.span_id])
        if row is None or not known.has(path_of[span.span_id]):
            rows.append(Measured(span, place.depth, None, "added", own[span.span_id]))
            continue
        state: State = "same"
        if span.failed and not row.failed:
            state = "failing"
        elif has_duration(span) and is_beyond(span.duration_ns, row.p50_ns, row.p95_ns):
            state = "slower"
        more = own[span.span_id] - row.own_p50_ns
        rows.append(Measured(span, place.depth, row.p50_ns, state, more))
    return tuple(rows)
