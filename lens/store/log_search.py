"""Log lines by what they say, who wrote them, and where."""

import sqlite3
from typing import Any

from lens.domain.log_query import FoundLine, FoundLines, LogQuery
from lens.store.rows import LINE, Origins, log_of

# Newest first by time, which has an index; what is new by number, in order of arrival.
BY_TIME, BY_ARRIVAL = "l.time_ns DESC, l.id DESC", "l.id"


def log_lines(connection: sqlite3.Connection, query: LogQuery) -> FoundLines:
    """The lines that answer a query, in its order."""
    newest = connection.execute("SELECT coalesce(max(id), 0) FROM log").fetchone()[0]
    sql, values = statement(query, newest)
    origins = Origins()
    found = tuple(
        FoundLine(row[0], log_of(row[3:], origins), row[1] is not None, row[2])
        for row in connection.execute(sql, values)
    )
    full = query.after is not None and len(found) == query.limit
    return FoundLines(found, found[-1].number if full else newest)


def statement(query: LogQuery, newest: int) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"limit": query.limit}
    conditions = ["TRUE"]
    for condition, name, value in (
        ("l.time_ns >= :start", "start", query.start_ns),
        ("l.time_ns <= :end", "end", query.end_ns),
        ("l.service = :service", "service", query.service or None),
        ("l.level >= :level", "level", query.level or None),
        ("l.trace_id = :trace", "trace", query.trace_id or None),
        ("l.span_id = :span", "span", query.span_id or None),
        # A number from the future is that of another file.
        ("l.id > :after", "after", None if query.after is None else min(query.after, newest)),
    ):
        if value is not None:
            conditions.append(condition)
            values[name] = value
    if query.text:
        escaped = "".join(f"\\{one}" if one in "\\%_" else one for one in query.text)
        values["text"] = f"%{escaped}%"
        looks = (rf"l.{place} LIKE :text ESCAPE '\'" for place in ("body", "attributes", "event"))
        conditions.append(f"({' OR '.join(looks)})")
    order = BY_TIME if query.after is None else BY_ARRIVAL
    # The lines first, of which there are few then, and only of those the names of their spans.
    sql = f"""
        SELECT l.id, t.id, (
            SELECT o.name FROM span s JOIN operation o ON o.id = s.operation
            WHERE s.trace = t.id AND s.span_id = l.span_id
        ), {LINE}
        FROM (SELECT * FROM log l WHERE {" AND ".join(conditions)} ORDER BY {order} LIMIT :limit) l
        LEFT JOIN origin r ON r.id = l.origin LEFT JOIN trace t ON t.trace_id = l.trace_id
        ORDER BY {order}"""  # noqa: S608 - columns and conditions of this package; values are bound
    return sql, values
