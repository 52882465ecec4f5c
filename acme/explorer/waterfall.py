"""A trace as a waterfall of text: a line for each span, with its place in the tree, its bar, its
duration, and a mark if it failed.
"""

from collections.abc import Iterable, Iterator, Sequence

from acme.explorer.text import fitted, of_level, plain, width
from acme.terminal import Colours, words
from lens.views.moments import moment
from traces.clocks import aligned
from traces.layout.waterfall import WIDTH, Row, Waterfall, waterfall
from traces.model import LogLine, Trace
from traces.summary import summary
from traces.units import duration, plural
from traces.verdict import verdict

TOOK, MARK, GAP = 9, 2, 2
LEAST_NAMES, LEAST_BAR, MOST_BAR = 20, 16, 100
DEEPEST = 12
BLOCK, ASCII = "█", "#"
CROSS, ASCII_CROSS = "✖", "x"
GUIDES = {"pass": "│ ", "none": "  ", "more": "├ ", "last": "└ "}
ASCII_GUIDES = {"pass": "| ", "none": "  ", "more": "|-", "last": "`-"}


class Picture:
    """Draws in so many columns, with colours if they are wanted; where the output cannot have the
    characters of drawings, with those of ASCII.
    """

    def __init__(self, columns: int, colours: Colours, *, ascii_only: bool = False) -> None:
        self._columns = columns
        self._colours = colours
        self._block = ASCII if ascii_only else BLOCK
        self._cross = ASCII_CROSS if ascii_only else CROSS
        self._guides = ASCII_GUIDES if ascii_only else GUIDES

    def lines(self, trace: Trace, *, logs: bool = False) -> Iterator[str]:
        """The trace, which must have a span; with `logs` each log line under its span."""
        fall = waterfall(aligned(trace))
        yield from self._heading(trace, fall)
        yield ""
        trees = guides([row.depth for row in fall.rows])
        named = [
            f"{self._tree(tree)}{label(row)}" for tree, row in zip(trees, fall.rows, strict=True)
        ]
        spare = self._columns - TOOK - MARK - 2 * GAP
        names = max(LEAST_NAMES, min(max(map(width, named)), spare - max(LEAST_BAR, spare // 2)))
        bar = max(LEAST_BAR, min(MOST_BAR, spare - names))
        yield self._ruler(fall, names, bar)
        services = {name: at for at, name in enumerate(trace.services)}
        for name, row in zip(named, fall.rows, strict=True):
            colour = services[row.span.service]
            yield self._row(name, row, (names, bar), colour)
            if logs:
                lines = [line for line in trace.logs if line.span_id == row.span.span_id]
                yield from self._logs(lines, fall, 2 * min(row.depth + 1, DEEPEST))

    def _heading(self, trace: Trace, fall: Waterfall) -> Iterator[str]:
        found = summary(trace.spans)
        began = moment(fall.ruler.start_ns)
        failed = f", {plural(found.errors, 'error')}" if found.errors else ""
        counts = f"{plural(found.spans, 'span')}, {plural(len(found.services), 'service')}{failed}"
        root = plain(f"{found.root_service} {found.root_name}")
        yield self._colours.paint("bold", root)
        yield f"{trace.trace_id}  {began:%Y-%m-%d %H:%M:%S}"
        yield f"{fall.took}, {counts}"
        yield from words(plain(verdict(trace).sentence), self._columns)

    def _ruler(self, fall: Waterfall, names: int, bar: int) -> str:
        start, *_, end = fall.ruler.ticks()
        middle = duration(fall.ruler.length_ns / 2)
        half = bar // 2
        scale = f"{fitted(start, half)}{fitted(middle, bar - half - len(end))}{end}"
        scale = scale if bar > len(middle + end) + half else f"{start:<{bar - len(end)}}{end}"
        return self._colours.paint("grey", f"{'':{names + GAP}}{scale}")

    def _row(self, name: str, row: Row, sizes: tuple[int, int], colour: int) -> str:
        names, bar = sizes
        colours = self._colours
        mark = colours.paint("red", self._cross) if row.span.failed else " "
        fill = self._bar(row, bar)
        failed = row.span.failed
        painted = colours.paint("red", fill) if failed else colours.of_service(colour, fill)
        return f"{fitted(name, names)}  {painted}{row.took:>{TOOK}} {mark}".rstrip()

    def _bar(self, row: Row, bar: int) -> str:
        if not row.placed:
            return " " * bar
        start = min(bar - 1, int(row.x * bar / WIDTH))
        length = max(1, min(bar - start, round(row.width * bar / WIDTH)))
        return f"{'':{start}}{self._block * length}{'':{bar - start - length}}"

    def _tree(self, places: Sequence[str]) -> str:
        shown = places[-DEEPEST:]
        more = "… " if len(places) > DEEPEST else ""
        return more + "".join(self._guides[place] for place in shown)

    def _logs(self, lines: Iterable[LogLine], fall: Waterfall, indent: int) -> Iterator[str]:
        for line in lines:
            at = duration(max(0, line.time_ns - fall.ruler.start_ns))
            said = plain(" ".join(filter(None, (line.event, line.body))))
            level = of_level(self._colours, line.level, line.severity or "LOG")
            yield f"{'':{indent}}{self._colours.paint('grey', at)} {level} {said}"


def can_have_drawings(encoding: str) -> bool:
    """Whether an output of this encoding has the characters of the drawing."""
    try:
        "".join((BLOCK, CROSS, *GUIDES.values())).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def label(row: Row) -> str:
    lost = "(its parent is missing) " if row.orphan else ""
    return plain(f"{lost}{row.span.service} {row.span.name}")


def guides(depths: Sequence[int]) -> list[tuple[str, ...]]:
    """For each row of a tree, given by the depths of its rows, what is drawn before it: for each
    level whether a line passes, and at last whether others follow under the same parent.
    """
    found: list[tuple[str, ...]] = []
    open_at: set[int] = set()
    for depth in reversed(depths):
        passing = ["pass" if level in open_at else "none" for level in range(1, depth)]
        own = ["more" if depth in open_at else "last"] if depth else []
        found.append((*passing, *own))
        open_at = {level for level in open_at if level < depth} | {depth}
    return found[::-1]
