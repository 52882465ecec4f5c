"""What came of the clicks, as a person reads it."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from acme.traffic.crowd import Crowd
from acme.traffic.outcomes import Outcome, Row
from acme.traffic.target import Target

HEAD = ("click", "count", "ok", "failed", "p50", "p95", "max")
ENOUGH = 0.95


def table(crowd: Crowd) -> Table:
    """One row for each kind of click."""
    out = Table(*HEAD, box=None, pad_edge=False)
    for column in out.columns[1:]:
        column.justify = "right"
    for name, row in sorted(crowd.outcomes.rows.items()):
        times = (ms(row.percentile(50)), ms(row.percentile(95)), ms(max(row.seconds)))
        out.add_row(name, str(len(row.seconds)), str(row.ok), failed(row), *times)
    return out


def failed(row: Row) -> str:
    """How often with which status: `503 ×2`."""
    told = (f"{status or 'no answer'} ×{count}" for status, count in row.failed.items())
    return ", ".join(told) or "-"


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def sentences(crowd: Crowd, target: Target) -> Iterator[str]:
    """What the table does not say, and the last failures with their traces."""
    pace, visits = crowd.pace, crowd.visits
    yield f"{pace.taken} clicks, {pace.reached:.1f} a second; {crowd.outcomes.count} answers."
    if pace.reached < ENOUGH * pace.rate:
        yield f"Nobody was free for {pace.rate:g} clicks a second; with more --users there may be."
    yield f"{visits.made} visits were ended, {visits.given_up} of them given up half-way."
    if crowd.outcomes.failures:
        yield "The last failures:"
    for outcome in crowd.outcomes.failures:
        yield f"  {line(outcome, target)}"


def line(outcome: Outcome, target: Target) -> str:
    said = outcome.status or "no answer"
    return f"{outcome.name}: {said} after {ms(outcome.seconds)}, {target.trace(outcome.trace_id)}"


def document(crowd: Crowd, target: Target) -> dict[str, Any]:
    """The same for programs."""
    outcomes = crowd.outcomes
    return {
        "url": target.url,
        "clicks": crowd.pace.taken,
        "seconds": crowd.pace.elapsed,
        "visits": {"made": crowd.visits.made, "given_up": crowd.visits.given_up},
        "rows": {name: row.as_json() for name, row in sorted(outcomes.rows.items())},
        "last_failures": [
            {
                "click": outcome.name,
                "status": outcome.status,
                "seconds": outcome.seconds,
                "trace_id": outcome.trace_id,
                "link": target.trace(outcome.trace_id) if outcome.trace_id else None,
            }
            for outcome in outcomes.failures
        ],
    }
