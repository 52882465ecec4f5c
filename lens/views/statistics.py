"""A trace summed up: per service and operation how often, how long, how much of it its own work."""

from collections.abc import Sequence
from dataclasses import dataclass

from traces.layout.palette import colour
from traces.layout.waterfall import Row
from traces.model import Span

ORDERS = ("self", "total", "count", "errors", "name")


@dataclass(slots=True)
class Line:
    """The spans of one service and name. Times in nanoseconds; `first` is where to look for one."""

    service: str
    name: str
    first: Span
    count: int = 0
    total_ns: int = 0
    self_ns: int = 0
    longest_ns: int = 0
    errors: int = 0

    @property
    def colour(self) -> str:
        return colour(self.service)


def statistics(rows: Sequence[Row]) -> list[Line]:
    """One line per service and operation, the one with the most own time first."""
    lines: dict[tuple[str, str], Line] = {}
    for row in rows:
        span = row.span
        line = lines.setdefault((span.service, span.name), Line(span.service, span.name, span))
        line.count += 1
        line.total_ns += span.duration_ns
        line.self_ns += row.self_ns
        line.longest_ns = max(line.longest_ns, span.duration_ns)
        if span.failed:
            line.errors += 1
            line.first = line.first if line.first.failed else span
    return sorted(lines.values(), key=lambda line: (-line.self_ns, line.service, line.name))


@dataclass(frozen=True, slots=True)
class Part:
    """A service's part in a trace. `percent` is its share of the spans."""

    name: str
    colour: str
    spans: int
    errors: int
    percent: float
    x: float


def parts(shares: Sequence[tuple[str, int, int]]) -> tuple[Part, ...]:
    """The services (name, spans, errors) side by side in percent, the largest first."""
    whole = sum(spans for _, spans, _ in shares) or 1
    found: list[Part] = []
    x = 0.0
    for name, spans, errors in sorted(shares, key=lambda s: (-s[1], s[0])):
        percent = 100 * spans / whole
        found.append(Part(name, colour(name), spans, errors, round(percent, 2), round(x, 2)))
        x += percent
    return tuple(found)
