"""What is read from the file, each a function of a connection."""

import sqlite3
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lens.domain.pattern import is_in
from lens.domain.query import Operation, Query
from lens.store.rows import LINE, SPAN, SUMMARY, Origins, log_of, span_of, summary_of
from lens.store.search import statement
from traces.dependencies import Call
from traces.model import Follower, Kind, Span, Trace
from traces.same_id import below_their_own
from traces.semconv import CALLING
from traces.summary import TraceSummary

SPANS = f"""
SELECT {SPAN} FROM span s JOIN operation o ON o.id = s.operation
JOIN origin r ON r.id = s.origin WHERE s.trace = ? ORDER BY s.start_ns, s.id"""  # noqa: S608
LINES = f"""
SELECT {LINE} FROM log l LEFT JOIN origin r ON r.id = l.origin
WHERE l.trace_id = ? ORDER BY l.time_ns, l.id"""  # noqa: S608
# Spans whose parent is another service's: kind, length and status of both sides.
ACROSS = """
SELECT po.service, co.service, po.kind, p.end_ns - p.start_ns, p.status,
       c.end_ns - c.start_ns, c.status, c.trace, c.parent_id
FROM trace t
CROSS JOIN span c ON c.trace = t.id AND c.parent_id IS NOT NULL
CROSS JOIN span p ON p.trace = c.trace AND p.span_id = c.parent_id
CROSS JOIN operation po ON po.id = p.operation
CROSS JOIN operation co ON co.id = c.operation
WHERE t.start_ns <= :end AND t.end_ns >= :start AND (c.start_ns BETWEEN :start AND :end OR t.odd)
  AND p.operation <> c.operation AND po.service <> co.service"""
# Calls to systems that send no spans: a caller's span that names its peer and has no child
# in another service.
OUTSIDE = """
SELECT o.service, s.peer, s.end_ns - s.start_ns, s.status, s.trace, s.span_id
FROM trace t
CROSS JOIN span s ON s.trace = t.id AND s.peer IS NOT NULL
CROSS JOIN operation o ON o.id = s.operation
WHERE t.start_ns <= :end AND t.end_ns >= :start AND (s.start_ns BETWEEN :start AND :end OR t.odd)"""

FOLLOWERS = """
SELECT l.to_span, t.trace_id, l.span_id, o.service, o.name FROM link l
JOIN trace t ON t.id = l.trace JOIN span s ON s.trace = l.trace AND s.span_id = l.span_id
JOIN operation o ON o.id = s.operation WHERE l.to_trace = ? ORDER BY s.start_ns LIMIT 1000"""


def services(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT service FROM operation ORDER BY service")
    return [row[0] for row in rows]


def operations(connection: sqlite3.Connection, service: str, kind: str | None) -> list[Operation]:
    rows = connection.execute(
        "SELECT name, kind FROM operation WHERE service = ? ORDER BY name, kind", (service,)
    )
    found = [Operation(name, Kind(number).word) for name, number in rows]
    return [operation for operation in found if kind in (None, "", operation.kind)]


def search(connection: sqlite3.Connection, query: Query) -> list[TraceSummary]:
    if query.several:
        columns = f"t.id, {SUMMARY}"
        return [summary_of(row[1:]) for row, _ in with_spans(connection, query, columns)]
    return [summary_of(row) for row in connection.execute(*statement(query))]


def traces(connection: sqlite3.Connection, query: Query) -> list[Trace]:
    return [trace for _, trace in with_spans(connection, query, "t.id, t.trace_id")]


def with_spans(
    connection: sqlite3.Connection, query: Query, columns: str
) -> Iterator[tuple[tuple[Any, ...], Trace]]:
    """The rows of the traces of a query, each with the trace; `columns` begin with its number and
    id.
    """
    origins = Origins()
    found = (
        (row, Trace(row[1], spans(connection, row[0], row[1], origins)))
        for row in connection.execute(*statement(query, columns))
    )
    fitting = (one for one in found if all(is_in(one[1], chain) for chain in query.several))
    return islice(fitting, query.limit)


def trace(connection: sqlite3.Connection, trace_id: str) -> Trace | None:
    row = connection.execute("SELECT id FROM trace WHERE trace_id = ?", (trace_id,)).fetchone()
    if row is None:
        return None
    origins = Origins()
    lines = tuple(log_of(line, origins) for line in connection.execute(LINES, (trace_id,)))
    found = spans(connection, row[0], trace_id, origins)
    return Trace(trace_id, found, lines, time.time_ns(), followers(connection, trace_id))


def followers(connection: sqlite3.Connection, trace_id: str) -> tuple[Follower, ...]:
    """The spans with a link to a span of this trace, other than the span itself."""
    rows = connection.execute(FOLLOWERS, (trace_id,))
    found = (Follower(*row) for row in rows)
    return tuple(one for one in found if (one.trace_id, one.span_id) != (trace_id, one.to_span_id))


def version(connection: sqlite3.Connection, trace_id: str) -> tuple[int, int, int] | None:
    """Three numbers that change when spans, log lines or followers of a trace arrive."""
    row: tuple[int, int, int] | None = connection.execute(
        "SELECT seq, (SELECT count(*) FROM log WHERE trace_id = t.trace_id),"
        " (SELECT count(*) FROM link WHERE to_trace = t.trace_id)"
        " FROM trace t WHERE trace_id = ?",
        (trace_id,),
    ).fetchone()
    return row


def spans(
    connection: sqlite3.Connection, number: int, trace_id: str, origins: Origins
) -> tuple[Span, ...]:
    rows = connection.execute(SPANS, (number,))
    return below_their_own([span_of(trace_id, row, origins) for row in rows])


def newest(connection: sqlite3.Connection, after_seq: int, limit: int) -> list[TraceSummary]:
    sql = f"SELECT {SUMMARY} FROM trace t WHERE t.seq > ? ORDER BY t.seq LIMIT ?"  # noqa: S608
    return [summary_of(row) for row in connection.execute(sql, (after_seq, limit))]


def calls(connection: sqlite3.Connection, start_ns: int, end_ns: int) -> list[Call]:
    """Every call within a time range to another service or to a system that sends no spans."""
    window = {"start": start_ns, "end": end_ns}
    found: list[Call] = []
    seen: set[tuple[int, str]] = set()
    for parent, child, kind, *sides, trace, span_id in connection.execute(ACROSS, window):
        found.append(Call(parent, child, *(sides[:2] if kind in CALLING else sides[2:])))
        seen.add((trace, span_id))
    for parent, child, length, status, trace, span_id in connection.execute(OUTSIDE, window):
        if (trace, span_id) not in seen and parent != child:
            found.append(Call(parent, child, length, status))
    return found


def pinned(connection: sqlite3.Connection) -> frozenset[str]:
    """The ids of the traces that are kept beyond the limits."""
    return frozenset(row[0] for row in connection.execute("SELECT trace_id FROM pin"))


def stats(connection: sqlite3.Connection) -> dict[str, int]:
    traces, spans, oldest = connection.execute(
        "SELECT count(*), coalesce(sum(spans), 0), coalesce(min(start_ns), 0) FROM trace"
    ).fetchone()
    pins, pinned_spans = connection.execute(
        "SELECT count(*), coalesce(sum(t.spans), 0) FROM pin JOIN trace t USING (trace_id)"
    ).fetchone()
    return {
        "pinned": pins,
        "pinned_spans": pinned_spans,
        "traces": traces,
        "spans": spans,
        "logs": connection.execute("SELECT count(*) FROM log").fetchone()[0],
        "bytes": connection.execute("PRAGMA page_count").fetchone()[0]
        * connection.execute("PRAGMA page_size").fetchone()[0],
        "oldest_ns": oldest,
    }
