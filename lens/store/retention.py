"""Forgets the oldest traces that are not pinned, in small steps between two commits."""

import sqlite3
from dataclasses import dataclass

STEP_TRACES = 4_096
STEP_SPANS = 4_096
STEP_PAGES = 2_000
LINES_PER_TRACE = 20
NOT_PINNED = "NOT EXISTS (SELECT 1 FROM pin WHERE pin.trace_id = log.trace_id)"


@dataclass(frozen=True)
class Limits:
    """How much is kept: traces by number, the file in megabytes, log lines in proportion."""

    max_traces: int
    max_mb: int

    @property
    def max_bytes(self) -> int:
        return self.max_mb * 1024 * 1024

    @property
    def max_lines(self) -> int:
        return max(10_000, self.max_traces * LINES_PER_TRACE)


def forget_some(connection: sqlite3.Connection, limits: Limits, room: int) -> list[str]:
    """One step towards the limits, in the caller's transaction; the ids of traces that are gone.

    `room` is how many bytes may be in use: those of the limits, or less on a small disk.
    """
    traces = number(connection, "SELECT count(*) FROM trace")
    too_large = used_bytes(connection) > room
    excess = traces - limits.max_traces
    if too_large:
        # A fiftieth at a time keeps the file just below its limit, whatever the size of a trace.
        excess = max(excess, traces // 50, 1)
    gone = forget_traces(connection, excess) if excess > 0 else []
    forget_lines(connection, limits, too_large)
    if file_bytes(connection) > limits.max_bytes:
        connection.execute(f"PRAGMA incremental_vacuum({STEP_PAGES})").fetchall()
    return gone


def forget_traces(connection: sqlite3.Connection, excess: int) -> list[str]:
    oldest = connection.execute(
        "SELECT id, trace_id, spans FROM trace WHERE trace_id NOT IN (SELECT trace_id FROM pin)"
        " ORDER BY id LIMIT ?",
        (min(excess, STEP_TRACES),),
    ).fetchall()
    step: list[tuple[int, str]] = []
    spans = 0
    for trace, trace_id, count in oldest:
        if step and spans + count > STEP_SPANS:
            break
        step.append((trace, trace_id))
        spans += count
    connection.executemany("DELETE FROM span WHERE trace = ?", [(trace,) for trace, _ in step])
    connection.executemany("DELETE FROM link WHERE trace = ?", [(trace,) for trace, _ in step])
    connection.executemany("DELETE FROM log WHERE trace_id = ?", [(name,) for _, name in step])
    connection.executemany("DELETE FROM trace WHERE id = ?", [(trace,) for trace, _ in step])
    return [trace_id for _, trace_id in step]


def forget_lines(connection: sqlite3.Connection, limits: Limits, too_large: bool) -> None:
    first = number(connection, f"SELECT min(id) FROM log WHERE {NOT_PINNED}")  # noqa: S608
    last = number(connection, "SELECT max(id) FROM log")
    lines = last - first + 1 if last else 0
    excess = max(lines - limits.max_lines, lines // 50 if too_large else 0)
    if excess > 0:
        until = first + min(excess, STEP_SPANS)
        connection.execute(f"DELETE FROM log WHERE id < ? AND {NOT_PINNED}", (until,))  # noqa: S608


def used_bytes(connection: sqlite3.Connection) -> int:
    return file_bytes(connection) - free_bytes(connection)


def free_bytes(connection: sqlite3.Connection) -> int:
    """What can be written before the file has to grow."""
    free = number(connection, "PRAGMA freelist_count")
    return free * number(connection, "PRAGMA page_size")


def file_bytes(connection: sqlite3.Connection) -> int:
    return number(connection, "PRAGMA page_count") * number(connection, "PRAGMA page_size")


def number(connection: sqlite3.Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0] or 0)
