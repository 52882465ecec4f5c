"""Rate, errors and duration (RED) of services and of their operations, computed from spans."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

BARS = 30
# Which spans are the work of a service as its callers see it; the first kinds of which it has any.
ENTRIES = (("server", "consumer"), ("internal", "unspecified"), ("client", "producer"))
# A bucket for each sixteenth of a doubling: what is read from one is off by 2.2 % at most.
BUCKETS_PER_DOUBLING = 16


class Work(NamedTuple):
    """What a service does: the name and the kind (the word of a Kind) of spans of it."""

    service: str
    name: str
    kind: str


# One span: when it began, how long it took, and 1 if it failed. A mere tuple, as spans are many.
Sample = tuple[int, int, int]


class Bar(NamedTuple):
    """So many spans began in one piece of the time, and so many of them failed."""

    calls: int
    errors: int


@dataclass(frozen=True, slots=True)
class Red:
    """The numbers of some spans; times are nanoseconds, percentiles those of values that occurred.
    `bars` are as many pieces of the time as there are.
    """

    calls: int
    errors: int
    p50_ns: int
    p95_ns: int
    p99_ns: int
    longest_ns: int
    bars: tuple[Bar, ...]


Samples = Mapping[Work, Sequence[Sample]]


def first_ns(samples: Samples, default: int) -> int:
    """When the first of the spans began."""
    return min((one[0][0] for one in samples.values() if one), default=default)


def of_operations(
    samples: Samples, service: str, start_ns: int, end_ns: int
) -> list[tuple[Work, Red]]:
    """Each operation of one service, the most frequent first."""
    mine = ((work, red(found, start_ns, end_ns)) for work, found in samples.items() if found)
    found = [(work, numbers) for work, numbers in mine if work.service == service]
    return sorted(found, key=lambda one: (-one[1].calls, one[0]))


def of_services(samples: Samples, start_ns: int, end_ns: int) -> dict[str, tuple[Red, list[str]]]:
    """The numbers of each service, by name, and of which kinds of its spans they are."""
    by_kind: dict[str, dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for work, found in samples.items():
        by_kind[work.service][work.kind].extend(found)
    entries = {}
    for service, kinds in sorted(by_kind.items()):
        wanted = next(some for some in ENTRIES if any(kind in kinds for kind in some))
        present = [kind for kind in wanted if kind in kinds]
        spans = [sample for kind in present for sample in kinds[kind]]
        entries[service] = red(spans, start_ns, end_ns), present
    return entries


def red(samples: Sequence[Sample], start_ns: int, end_ns: int) -> Red:
    """The numbers of these spans, of which there is at least one, within a time."""
    durations = sorted(duration for _, duration, _ in samples)
    return Red(
        calls=len(samples),
        errors=sum(failed for _, _, failed in samples),
        p50_ns=ranked(durations, 0.5),
        p95_ns=ranked(durations, 0.95),
        p99_ns=ranked(durations, 0.99),
        longest_ns=durations[-1],
        bars=tuple(bars(samples, start_ns, end_ns)),
    )


def ranked(ordered: Sequence[int], share: float) -> int:
    """The smallest of the values, which are in order, that this share of them does not exceed."""
    return ordered[max(0, math.ceil(round(len(ordered) * share, 9)) - 1)]


def bars(samples: Iterable[Sample], start_ns: int, end_ns: int) -> list[Bar]:
    calls, errors = [0] * BARS, [0] * BARS
    length = max(1, end_ns - start_ns)
    for began, _, failed in samples:
        at = min(BARS - 1, max(0, (began - start_ns) * BARS // length))
        calls[at] += 1
        errors[at] += failed
    return list(map(Bar, calls, errors))


class Window:
    """The spans of a stretch of time that moves on, as what a metric of them would be."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._calls = 0
        self._errors = 0
        self._buckets: dict[int, int] = defaultdict(int)

    def count(self, sample: Sample, by: int) -> None:
        """Takes a span in, by 1, or lets it go, by -1."""
        _, duration_ns, failed = sample
        self._calls += by
        self._errors += by * failed
        self._buckets[bucket_of(duration_ns)] += by

    @property
    def calls(self) -> float:
        """Calls a second."""
        return self._calls / self._seconds

    @property
    def error_share(self) -> float | None:
        return self._errors / self._calls if self._calls else None

    def quantile(self, share: float) -> float | None:
        """Milliseconds, of which at most this share took longer; None without calls."""
        wanted, seen = share * self._calls, 0
        for bucket, number in sorted(self._buckets.items()):
            seen += number
            if number and seen >= wanted:
                return float(2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING) / 1e6)
        return None


def bucket_of(duration_ns: int) -> int:
    return int(math.log2(duration_ns) * BUCKETS_PER_DOUBLING) if duration_ns > 1 else 0


def windows(
    samples: Iterable[Sample], times: Sequence[int], length_ns: int
) -> Iterable[tuple[int, Window]]:
    """Each of the times, which are in order, with the spans that began in `length_ns` before it."""
    ordered = sorted(samples)
    window = Window(length_ns / 1e9)
    first = after = 0
    for time_ns in times:
        while after < len(ordered) and ordered[after][0] <= time_ns:
            window.count(ordered[after], 1)
            after += 1
        while first < after and ordered[first][0] <= time_ns - length_ns:
            window.count(ordered[first], -1)
            first += 1
        yield time_ns, window
