"""Two traces on one time scale, and one trace against the usual, as their pages have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from traces.clocks import aligned
from traces.compare import Pair, State, against, compare
from traces.layout.palette import colour
from traces.layout.waterfall import DEEPEST, Ruler, ruler_of
from traces.model import Span, Trace
from traces.summary import summary
from traces.times import has_duration, took
from traces.units import duration
from traces.usual import Usual

MOST_ROWS = 1_500
WORDS: dict[State, str] = {
    "same": "",
    "slower": "slower",
    "faster": "faster",
    "added": "added",
    "missing": "missing",
    "failing": "fails",
    "mended": "no longer fails",
}
THIN = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of both traces; a bar is SVG path data, empty for a span that is not there."""

    span: Span
    colour: str
    indent: int
    depth: int
    state: State
    word: str
    left: Span | None
    right: Span | None
    left_bar: str
    right_bar: str
    left_took: str
    right_took: str
    more: str


def of_pair(left: Trace, right: Trace) -> dict[str, Any]:
    """For the page that has two traces side by side, each from its own start."""
    found = compare(left, right)
    left, right = aligned(left), aligned(right)
    rulers = ruler_of(left), ruler_of(right)
    length = max(ruler.length_ns for ruler in rulers)
    scales = [Ruler(ruler.start_ns, ruler.start_ns + length) for ruler in rulers]
    rows = [row(pair, *scales) for pair in found.rows[:MOST_ROWS]]
    number = {pair.path: at for at, pair in enumerate(found.rows[:MOST_ROWS])}
    return {
        "left": left,
        "right": right,
        "sides": [(name, t, summary(t.spans)) for name, t in (("A", left), ("B", right))],
        "rows": rows,
        "more_rows": len(found.rows) - len(rows),
        "said": [(text, number.get(pair.path) if pair else None) for text, pair in found.sentences],
        "ticks": scales[0].ticks(),
    }


def row(pair: Pair, left: Ruler, right: Ruler) -> Row:
    span = pair.span
    return Row(
        span=span,
        colour=colour(span.service),
        indent=min(pair.depth, DEEPEST),
        depth=pair.depth,
        state=pair.state,
        word=WORDS[pair.state],
        left=pair.left,
        right=pair.right,
        left_bar=bar(pair.left, left, 11),
        right_bar=bar(pair.right, right, 25),
        left_took=took(pair.left) if pair.left else "–",
        right_took=took(pair.right) if pair.right else "–",
        more=difference(pair),
    )


def bar(span: Span | None, ruler: Ruler, y: int) -> str:
    if span is None:
        return ""
    width = max(THIN, ruler.width(span.start_ns, max(span.start_ns, span.end_ns)))
    return f"M{ruler.at(span.start_ns):g} {y}h{width:g}"


def difference(pair: Pair) -> str:
    """How much longer the second took, with its sign."""
    spans = (pair.left, pair.right)
    if not all(span and has_duration(span) for span in spans):
        return ""
    assert pair.left is not None
    assert pair.right is not None
    return signed(pair.right.duration_ns - pair.left.duration_ns)


def signed(ns: int) -> str:
    return f"{'+' if ns >= 0 else '−'}{duration(abs(ns))}"


@dataclass(frozen=True, slots=True)
class UsualRow:
    """A row of a trace: `mark` is a tick where it would usually end."""

    span: Span
    colour: str
    indent: int
    depth: int
    state: State
    word: str
    bar: str
    mark: str
    took: str
    usual: str
    more: str


def of_usual(trace: Trace, known: Usual) -> dict[str, Any]:
    """For the page that has a trace against the usual."""
    measured = against(trace, known)
    shown = aligned(trace)
    ruler = ruler_of(shown)
    rows: list[UsualRow] = []
    for one in measured[:MOST_ROWS]:
        span, usual = shown.by_id[one.span.span_id], one.p50_ns
        end = ruler.at(span.start_ns + usual) if usual is not None else 0
        rows.append(
            UsualRow(
                span=one.span,
                colour=colour(span.service),
                indent=min(one.depth, DEEPEST),
                depth=one.depth,
                state=one.state,
                word="not usual" if one.state == "added" else WORDS[one.state],
                bar=bar(span, ruler, 18),
                mark="" if usual is None else f"M{end:g} 4v28",
                took=took(one.span),
                usual="–" if usual is None else duration(usual),
                more="" if usual is None else signed(one.span.duration_ns - usual),
            )
        )
    return {
        "trace": trace,
        "summary": summary(trace.spans),
        "known": known,
        "rows": rows,
        "more_rows": len(measured) - len(rows),
        "ticks": ruler.ticks(),
        "said": conclusion(trace, known, rows),
    }


def conclusion(trace: Trace, known: Usual, rows: Sequence[UsualRow]) -> str:
    """The whole in a sentence."""
    if not known.is_known:
        return (
            f"Only {known.traces} traces of this kind came before this one: too few to say what "
            "is usual."
        )
    root = next(iter(trace.roots), None)
    times = f"It took {took(root)}, usually" if root else "Usually it takes"
    whole = f"{times} {duration(known.took_p50_ns)} (the middle of {known.traces} traces before it)"
    states = [row.state for row in rows]
    beyond = {"slower": "slower than usual", "failing": "failing", "added": "not usual at all"}
    counts = ", ".join(f"{states.count(s)} {w}" for s, w in beyond.items() if s in states)
    return f"{whole}; rows: {counts}." if counts else f"{whole}; every row is as usual."
