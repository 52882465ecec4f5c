"""Where the failures of a search began, read from the newest of its traces."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lens.domain.query import Query
from lens.store.queries import with_spans
from lens.store.search import statement
from traces.failures import Failures, failures
from traces.model import Trace

MOST_TRACES, MOST_SPANS = 1_000, 60_000


@dataclass(frozen=True, slots=True)
class FoundFailures:
    """The failures of a search that finds so many `traces`, of which so many `failed`; `partial` if
    only the newest of those were read.
    """

    failures: Failures
    traces: int
    failed: int
    partial: bool


def found_failures(connection: sqlite3.Connection, query: Query) -> FoundFailures:
    """The failures of the traces of this query; its limit counts for nothing."""
    sql, values = statement(query, "count(*), coalesce(sum(t.errors > 0), 0)")
    traces, failed = connection.execute(sql, {**values, "limit": -1}).fetchone()
    failing = replace(query, errors_only=True, limit=MOST_TRACES)
    found = failures(newest(connection, failing))
    if query.several:  # the statement finds more than are read
        traces = failed = found.traces
    return FoundFailures(found, traces, failed, found.traces < failed)


def newest(connection: sqlite3.Connection, query: Query) -> Iterator[Trace]:
    """The newest traces of a query, with as many spans as can be read while somebody waits."""
    spans = 0
    for _, trace in with_spans(connection, query, "t.id, t.trace_id"):
        yield trace
        spans += len(trace.spans)
        if spans >= MOST_SPANS:
            return
