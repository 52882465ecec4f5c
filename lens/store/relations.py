"""The traces around one, by the links of their spans, in both directions."""

import sqlite3

from lens.store.rows import SUMMARY, summary_of
from traces.related import MOST, Neighbours, Related, related

# More than can be shown, so that it is known how many are left out; of very many not how many.
LIMIT = 10 * MOST
CAUSES = """
SELECT to_trace, count(*) FROM link WHERE trace = ? AND to_trace <> '' GROUP BY to_trace LIMIT ?"""
FOLLOWERS = """
SELECT t.trace_id, count(*) FROM link l JOIN trace t ON t.id = l.trace
WHERE l.to_trace = ? GROUP BY t.trace_id LIMIT ?"""


def related_traces(connection: sqlite3.Connection, trace_id: str) -> Related:
    """What the trace follows from and what follows from it, as far as it is kept."""

    def look(trace_id: str) -> Neighbours:
        sql = f"SELECT t.id, {SUMMARY} FROM trace t WHERE t.trace_id = ?"  # noqa: S608 - columns
        row = connection.execute(sql, (trace_id,)).fetchone()
        causes = connection.execute(CAUSES, (row[0], LIMIT)).fetchall() if row else ()
        return Neighbours(
            summary_of(row[1:]) if row else None,
            dict(causes),
            dict(connection.execute(FOLLOWERS, (trace_id, LIMIT))),
        )

    return related(trace_id, look)
