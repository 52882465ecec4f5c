"""The whole trace at a glance: a line for each row in its service's colour, and where spans failed.

Rows that are too many for a line each share one, in which bars of one colour run together: the
drawing stays small however long the trace is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from traces.layout.waterfall import WIDTH, Row

HEIGHT = 60
MOST_LINES = 120
NOTCH = 7.0
Bar = tuple[float, float]


def minimap(rows: Sequence[Row], height: int = HEIGHT) -> dict[str, str]:
    """SVG path data by class, on a canvas 1000 wide: the colours of the services, and last, to be
    drawn over them, `failed` with a notch at the end of each span that failed.
    """
    lines = min(MOST_LINES, max(1, len(rows)))
    step = height / lines
    thick = round(max(0.5, min(4.0, step * 0.7)), 2)
    bars: dict[tuple[str, int], list[Bar]] = defaultdict(list)
    for number, row in enumerate(rows):
        if not row.placed:
            continue
        line = number * lines // len(rows)
        end = min(WIDTH, row.x + max(2.0, row.width))
        bars[row.colour, line].append((min(row.x, end - 2.0), end))
        if row.span.failed:
            bars["failed", line].append((max(0.0, end - NOTCH), end))
    paths: dict[str, list[str]] = defaultdict(list)
    for (name, line), places in bars.items():
        y, tall = line * step + (step - thick) / 2, thick
        if name == "failed":
            y, tall = max(0.0, y - 1), thick + 2
        for start, end in merged(places):
            paths[name].append(f"M{start:g} {y:.4g}h{end - start:g}v{tall:g}h-{end - start:g}z")
    failed = {"failed": "".join(paths.pop("failed"))} if "failed" in paths else {}
    return {name: "".join(places) for name, places in paths.items()} | failed


def merged(places: Sequence[Bar]) -> Iterator[Bar]:
    """Bars from left to right to the whole unit; what overlaps or all but touches becomes one."""
    start, end = -2, -2
    for left, right in sorted((round(left), round(right)) for left, right in places):
        if left > end + 1:
            if end >= 0:
                yield start, end
            start, end = left, right
        else:
            end = max(end, right)
    if end >= 0:
        yield start, end
