"""A trace summed up by what its spans have in common, by default service and operation: how often,
how long, how much of it their own work.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lens.domain.conditions import FIELDS, forms, values
from traces.dependencies import percentile
from traces.layout.palette import OUTSIDE, colour
from traces.layout.waterfall import Row
from traces.model import Span

OPERATION = "operation"
MOST_KEYS = 100
NONE = "none"


@dataclass(slots=True)
class Line:
    """The spans of a group: `title` is what they have in common, beside the service if that is the
    same for all. Times in nanoseconds; `first` is where to look for one.
    """

    title: str
    service: str
    first: Span
    durations: list[int] = field(default_factory=list)
    self_ns: int = 0
    errors: int = 0

    @property
    def colour(self) -> str:
        return colour(self.service) if self.service else OUTSIDE

    @property
    def count(self) -> int:
        return len(self.durations)

    @property
    def total_ns(self) -> int:
        return sum(self.durations)

    @property
    def average_ns(self) -> float:
        return self.total_ns / self.count

    @property
    def p95_ns(self) -> int:
        return percentile(self.durations, 95)

    @property
    def longest_ns(self) -> int:
        return max(self.durations)


# The columns that a table can be sorted by, the largest first.
ORDERS: Mapping[str, Callable[[Line], float]] = {
    "self": lambda line: line.self_ns,
    "count": lambda line: line.count,
    "total": lambda line: line.total_ns,
    "average": lambda line: line.average_ns,
    "p95": lambda line: line.p95_ns,
    "longest": lambda line: line.longest_ns,
    "errors": lambda line: line.errors,
}


def statistics(rows: Sequence[Row], by: str = OPERATION, order: str = "self") -> list[Line]:
    """One line for each value of `by`: `operation` with its service, a field such as `service` or
    `kind`, or the key of an attribute; sorted by one of ORDERS.
    """
    lines: dict[tuple[str, str], Line] = {}
    for row in rows:
        span = row.span
        service, title = span.service, span.name
        if by != OPERATION:
            title = value_of(span, by)
            service = title if by == "service" else ""
        line = lines.setdefault((service, title), Line(title, service, span))
        line.durations.append(span.duration_ns)
        line.self_ns += row.self_ns
        if span.failed:
            line.errors += 1
            line.first = line.first if line.first.failed else span
    value = ORDERS[order]
    return sorted(lines.values(), key=lambda line: (-value(line), line.service, line.title))


def value_of(span: Span, key: str) -> str:
    """The first value under this key as text; `none` without one."""
    found = [FIELDS[key](span)] if key in FIELDS else list(values(span, key))
    return forms(found[0])[-1] if found else NONE


def keys_of(rows: Sequence[Row]) -> list[str]:
    """What the spans can be grouped by: fields, then the keys of attributes, the most frequent
    first.
    """
    counts = Counter(key for row in rows for key in row.span.attributes)
    return [OPERATION, "service", "kind", *(key for key, _ in counts.most_common(MOST_KEYS))]


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
