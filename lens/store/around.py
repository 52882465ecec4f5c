"""What the file knows beside a trace that says something of it."""

import sqlite3

from lens.store.rows import KINDS, STATUSES, SUMMARY, Origins, span_of, summary_of
from lens.store.rows import SPAN as COLUMNS
from traces.findings import Surroundings
from traces.model import Span, Trace
from traces.summary import TraceSummary
from traces.tree import root_of
from traces.usual import Usual, usual

TRACES, SPANS, LINKS = 100, 20_000, 20
# The last traces of the same kind that began before this one and ended.
LIKE = """
SELECT id, trace_id, spans FROM trace WHERE root_service = ? AND root_name = ?
AND trace_id <> ? AND start_ns < ? ORDER BY start_ns DESC LIMIT ?"""
ALIKE = f"""
SELECT {SUMMARY} FROM trace t WHERE t.root_service = ? AND t.root_name = ?
AND t.trace_id <> ? ORDER BY t.start_ns DESC LIMIT ?"""  # noqa: S608
TIMES = """
SELECT s.span_id, s.parent_id, o.service, o.name, o.kind, s.start_ns, s.end_ns, s.status
FROM span s JOIN operation o ON o.id = s.operation WHERE s.trace = ?"""
LINKED = f"""
SELECT {COLUMNS} FROM trace t JOIN span s ON s.trace = t.id JOIN operation o ON o.id = s.operation
JOIN origin r ON r.id = s.origin WHERE t.trace_id = ? AND s.span_id = ?"""  # noqa: S608


def surroundings(connection: sqlite3.Connection, trace: Trace) -> Surroundings:
    services = connection.execute("SELECT DISTINCT service FROM operation")
    return Surroundings(
        frozenset(row[0] for row in services),
        linked(connection, trace),
        usual_of(connection, trace),
    )


def linked(connection: sqlite3.Connection, trace: Trace) -> dict[tuple[str, str], Span]:
    """The spans that the first links of a trace lead to, as far as they are kept."""
    ids = {(link.trace_id, link.span_id): None for span in trace.spans for link in span.links}
    origins, found = Origins(), dict[tuple[str, str], Span]()
    for trace_id, span_id in list(ids)[:LINKS]:
        for row in connection.execute(LINKED, (trace_id, span_id)):
            found[trace_id, span_id] = span_of(trace_id, row, origins)
    return found


def usual_of(connection: sqlite3.Connection, trace: Trace) -> Usual:
    """The usual of the last traces of the same kind before this one, without what they say beside
    times: as many as have not more than SPANS spans together.
    """
    root = root_of(trace)
    if root is None:
        return Usual()
    kind = (root.service, root.name, trace.trace_id, trace.spans[0].start_ns, TRACES)
    found: list[Trace] = []
    left = SPANS
    for number, trace_id, spans in connection.execute(LIKE, kind).fetchall():
        left -= spans
        if left < 0:
            break
        found.append(Trace.of(trace_id, times(connection, number, trace_id)))
    return usual(found)


def alike(connection: sqlite3.Connection, trace: Trace, limit: int) -> list[TraceSummary]:
    """The last other traces with the same root, whenever they began."""
    root = root_of(trace)
    if root is None:
        return []
    kind = (root.service, root.name, trace.trace_id, limit)
    return [summary_of(row) for row in connection.execute(ALIKE, kind)]


def times(connection: sqlite3.Connection, number: int, trace_id: str) -> list[Span]:
    return [
        Span(trace_id, span_id, parent_id, service, name, KINDS[kind], start, end, STATUSES[status])
        for span_id, parent_id, service, name, kind, start, end, status in connection.execute(
            TIMES, (number,)
        )
    ]
