"""A Query as SQL: one statement that walks the traces from the newest on and stops at the limit."""

import json
import sqlite3
from functools import lru_cache
from typing import Any

from lens.domain.conditions import FIELDS, SCOPES, Condition, holds
from lens.domain.query import Query
from lens.store.rows import SUMMARY, from_json, to_json
from traces.model import Event, Kind, Span, Status
from traces.semconv import spellings

# S608 is waived where columns and conditions of this package are put together; values are bound.
NEVER_BEFORE, NEVER_AFTER = 0, 2**63 - 1
PLACES = ("s.attributes", "s.events", "r.resource")


def statement(query: Query, columns: str = SUMMARY) -> tuple[str, dict[str, Any]]:
    """The SQL that finds the traces of a query, and its parameters."""
    values: dict[str, Any] = {
        "start": NEVER_BEFORE if query.start_ns is None else query.start_ns,
        "end": NEVER_AFTER if query.end_ns is None else query.end_ns,
        "limit": query.limit,
    }
    traces = ["t.start_ns <= :end", "t.end_ns >= :start"]
    if query.errors_only or query.wants_failed_span:
        traces.append("t.errors > 0")
    if query.service:
        # A quick look at the trace before its spans are visited.
        values["share"] = to_json(query.service) + ":"
        traces.append("instr(t.services, :share)")
    if query.service and query.operation:
        # Asked once for the whole search, and the end of it if there is no such operation.
        traces.append(
            "EXISTS (SELECT 1 FROM operation WHERE service = :service AND name = :operation)"
        )
    traces.append(f"EXISTS ({span_statement(query, values)})")
    sql = f"SELECT {columns} FROM trace t WHERE {' AND '.join(traces)}"  # noqa: S608
    return f"{sql} ORDER BY t.start_ns DESC, t.id DESC LIMIT :limit", values


def span_statement(query: Query, values: dict[str, Any]) -> str:
    # Where times are odd, a trace is found by the time that it has all the same.
    spans = ["s.trace = t.id", "(s.start_ns BETWEEN :start AND :end OR t.odd)"]
    for condition, name, value in (
        ("o.service = :service", "service", query.service),
        ("o.name = :operation", "operation", query.operation),
        ("s.end_ns - s.start_ns >= :shortest", "shortest", query.min_duration_ns),
        ("s.end_ns - s.start_ns <= :longest", "longest", query.max_duration_ns),
    ):
        if value:
            spans.append(condition)
            values[name] = value
    if query.wants_failed_span:
        spans.append(f"s.status = {Status.ERROR:d}")
    conditions = query.all_conditions
    spans += [a_look(one, values) for one in conditions if one.key not in FIELDS]
    if conditions:
        values["conditions"] = json.dumps([(c.key, c.operator, c.value) for c in conditions])
        spans.append(
            "holds(:conditions, s.status, o.kind, r.scope, r.scope_version, s.attributes,"
            " r.resource, s.events)"
        )
    # CROSS JOIN: spans of the trace first, then the two rows each of them points to.
    return f"""
        SELECT 1 FROM span s CROSS JOIN operation o ON o.id = s.operation
        CROSS JOIN origin r ON r.id = s.origin WHERE {" AND ".join(spans)}"""  # noqa: S608


def a_look(condition: Condition, values: dict[str, Any]) -> str:
    """SQL that finds the JSON in which this may hold, so that few rows must be read in full."""
    wanted = condition.value
    plain = condition.operator == "=" and to_json(wanted) == f'"{wanted}"'
    looks = []
    for name in names(condition.key):
        start = to_json(name) + ":"
        for text in (f'{start}"{wanted}', start + wanted) if plain else (start,):
            parameter = f"text{len(values)}"
            values[parameter] = text
            looks += [f"instr({place}, :{parameter})" for place in PLACES]
    return f"({' OR '.join(looks)})"


def names(key: str) -> tuple[str, ...]:
    """All keys under which the value may stand in the file."""
    inside = (key.removeprefix(scope) for scope in SCOPES if key.startswith(scope))
    return tuple(name for one in (key, *inside) for name in spellings(one))


def add_functions(connection: sqlite3.Connection) -> None:
    """Teaches a connection `holds`, the one condition that is not SQL's."""
    connection.create_function("holds", 8, row_holds, deterministic=True)


def row_holds(conditions: str, *row: Any) -> bool:
    status, kind, scope, scope_version, attributes, resource, events = row
    span = Span(
        *("", "", None, "", "", Kind(kind), 0, 0, Status(status)),
        attributes=from_json(attributes),
        resource=from_json(resource),
        scope=scope,
        scope_version=scope_version,
        events=tuple(Event(*event) for event in from_json(events)),
    )
    return holds(span, wanted(conditions))


@lru_cache(maxsize=64)
def wanted(text: str) -> tuple[Condition, ...]:
    return tuple(Condition(*parts) for parts in json.loads(text))
