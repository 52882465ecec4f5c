"""What came of the clicks."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

REMEMBERED = 10


@dataclass(frozen=True)
class Outcome:
    """One answer, after so many seconds; status 0 when there was none, no trace id without one."""

    name: str
    status: int
    seconds: float
    trace_id: str = ""

    @property
    def ok(self) -> bool:
        return good(self.status)


@dataclass
class Row:
    """All outcomes of one name: seconds of each answer, and how often each status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def ok(self) -> int:
        return sum(count for status, count in self.statuses.items() if good(status))

    @property
    def failed(self) -> dict[int, int]:
        """How often each status that is none of success."""
        return {s: count for s, count in sorted(self.statuses.items()) if not good(s)}

    def percentile(self, percent: int) -> float:
        """So many percent of the answers took no longer, by the nearest rank."""
        ordered = sorted(self.seconds)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    def as_json(self) -> dict[str, Any]:
        return {
            "count": len(self.seconds),
            "ok": self.ok,
            "failed": {str(status): count for status, count in self.failed.items()},
            **{f"p{p}_seconds": self.percentile(p) for p in (50, 95)},
            "max_seconds": max(self.seconds),
        }


@dataclass
class Outcomes:
    """The rows by name, and the last failures."""

    rows: dict[str, Row] = field(default_factory=dict)
    failures: deque[Outcome] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    count: int = 0
    failed: int = 0
    answered: bool = False

    def note(self, outcome: Outcome) -> None:
        row = self.rows.setdefault(outcome.name, Row())
        row.seconds.append(outcome.seconds)
        row.statuses[outcome.status] += 1
        self.count += 1
        self.answered |= outcome.status > 0
        if not outcome.ok:
            self.failed += 1
            self.failures.append(outcome)


def good(status: int) -> bool:
    return 0 < status < 400


def trace_of(traceresponse: str) -> str:
    """The trace id in `00-<trace id>-<span id>-01`; empty when there is none."""
    parts = traceresponse.split("-")
    return parts[1] if len(parts) == 4 else ""
