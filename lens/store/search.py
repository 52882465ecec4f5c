"""A Query as SQL: one statement that walks the traces from the newest on and stops at the limit."""

import json
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lens.domain.conditions import (
    COMPARISONS,
    DURATIONS,
    FIELDS,
    SCOPES,
    Condition,
    holds,
    number_of,
    suits,
)
from lens.domain.durations import nanoseconds
from lens.domain.query import Query
from lens.store.rows import SUMMARY, from_json, to_json
from traces.model import Event, Kind, Span, Status
from traces.semconv import spellings

# S608 is waived where columns and conditions of this package are put together; values are bound.
NEVER_BEFORE, NEVER_AFTER = 0, 2**63 - 1
PLACES = ("s.attributes", "s.events", "r.resource")
COLUMNS = {
    "service": "o.service",
    "name": "o.name",
    "duration": "max(0, s.end_ns - s.start_ns)",
    "trace.service": "t.root_service",
    "trace.name": "t.root_name",
    "trace.duration": "max(0, t.end_ns - t.start_ns)",
    "trace.spans": "t.spans",
    "trace.errors": "t.errors",
    "trace.pinned": "iif(t.trace_id IN (SELECT trace_id FROM pin), 'true', 'false')",
}
COMPARED = ("=", "!=", *COMPARISONS)


def statement(query: Query, columns: str = SUMMARY) -> tuple[str, dict[str, Any]]:
    """The SQL that finds the traces of a query, and its parameters. Where spans must be below one
    another, it finds traces that have such spans anywhere.
    """
    values: dict[str, Any] = {
        "start": NEVER_BEFORE if query.start_ns is None else query.start_ns,
        "end": NEVER_AFTER if query.end_ns is None else query.end_ns,
        # With fewer the caller looks through what is found, and stops by itself.
        "limit": -1 if query.several else query.limit,
    }
    traces = ["t.start_ns <= :end", "t.end_ns >= :start"]
    if query.errors_only:
        traces.append("t.errors > 0")
    traces += [of_trace(condition, values) for condition in query.pattern.of_trace]
    # Where times are odd, a trace is found by the time that it has all the same.
    within = "(s.start_ns BETWEEN :start AND :end OR t.odd)"
    traces += span_looks(query.all_conditions, values, within)
    for chain in query.pattern.chains:
        for step in chain:
            traces += span_looks(step.conditions, values)
    sql = f"SELECT {columns} FROM trace t WHERE {' AND '.join(traces)}"  # noqa: S608
    return f"{sql} ORDER BY t.start_ns DESC, t.id DESC LIMIT :limit", values


def of_trace(condition: Condition, values: dict[str, Any]) -> str:
    """SQL for what is asked of a whole trace."""
    column, operator = COLUMNS[condition.key], condition.operator
    if operator in COMPARED:
        return f"{column} {operator} {bound(condition, values)}"
    parameters = (bind(operator, values), bind(condition.value, values))
    return f"suits({column}, {', '.join(parameters)})"


def span_looks(
    conditions: tuple[Condition, ...], values: dict[str, Any], *more: str
) -> Iterator[str]:
    """SQL that holds for a trace with one span that has all of this, what is quick first."""
    if Condition("error", "=", "true") in conditions:
        yield "t.errors > 0"
    service = next((c.value for c in conditions if (c.key, c.operator) == ("service", "=")), None)
    name = next((c.value for c in conditions if (c.key, c.operator) == ("name", "=")), None)
    if service is not None:
        # A quick look at the trace before its spans are visited.
        yield f"instr(t.services, {bind(to_json(service) + ':', values)})"
    if service is not None and name is not None:
        # Asked once for the whole search, and the end of it if there is no such operation.
        where = f"service = {bind(service, values)} AND name = {bind(name, values)}"
        yield f"EXISTS (SELECT 1 FROM operation WHERE {where})"  # noqa: S608
    yield f"EXISTS ({span_statement(conditions, values, more)})"


def span_statement(
    conditions: tuple[Condition, ...], values: dict[str, Any], more: tuple[str, ...]
) -> str:
    spans = ["s.trace = t.id", *more]
    rest: list[Condition] = []
    for condition in conditions:
        if condition.key in COLUMNS and condition.operator in COMPARED:
            spans.append(
                f"{COLUMNS[condition.key]} {condition.operator} {bound(condition, values)}"
            )
            continue
        rest.append(condition)
        if condition == Condition("error", "=", "true"):
            spans.append(f"s.status = {Status.ERROR:d}")
        elif condition.key not in FIELDS:
            spans.append(a_look(condition, values))
    if rest:
        wanted = json.dumps([(c.key, c.operator, c.value) for c in rest])
        spans.append(
            f"holds({bind(wanted, values)}, o.service, o.name, o.kind, s.start_ns, s.end_ns,"
            " s.status, r.scope, r.scope_version, s.attributes, r.resource, s.events)"
        )
    # CROSS JOIN: spans of the trace first, then the two rows each of them points to.
    return f"""
        SELECT 1 FROM span s CROSS JOIN operation o ON o.id = s.operation
        CROSS JOIN origin r ON r.id = s.origin WHERE {" AND ".join(spans)}"""  # noqa: S608


def bind(value: Any, values: dict[str, Any]) -> str:
    """A parameter with this value."""
    name = f"value{len(values)}"
    values[name] = value
    return f":{name}"


def bound(condition: Condition, values: dict[str, Any]) -> str:
    """A parameter with the value of a condition, a number where its column is one."""
    if condition.key in DURATIONS:
        return bind(min(nanoseconds(condition.value), NEVER_AFTER), values)
    of_number = condition.key in ("trace.spans", "trace.errors")
    return bind(number_of(condition.value) if of_number else condition.value, values)


def a_look(condition: Condition, values: dict[str, Any]) -> str:
    """SQL that finds the JSON in which this may hold, so that few rows must be read in full."""
    wanted = condition.value
    plain = condition.operator == "=" and to_json(wanted) == f'"{wanted}"'
    looks = []
    for name in names(condition.key):
        start = to_json(name) + ":"
        for text in (f'{start}"{wanted}', start + wanted) if plain else (start,):
            parameter = bind(text, values)
            looks += [f"instr({place}, {parameter})" for place in PLACES]
    return f"({' OR '.join(looks)})"


def names(key: str) -> tuple[str, ...]:
    """All keys under which the value may stand in the file."""
    key = key.removeprefix(".")
    inside = (key.removeprefix(scope) for scope in SCOPES if key.startswith(scope))
    return tuple(name for one in (key, *inside) for name in spellings(one))


def add_functions(connection: sqlite3.Connection) -> None:
    """Teaches a connection `holds` and `suits`, the conditions that are not SQL's."""
    connection.create_function("holds", 12, row_holds, deterministic=True)
    connection.create_function("suits", 3, suits, deterministic=True)


def row_holds(conditions: str, *row: Any) -> bool:
    service, name, kind, start_ns, end_ns, status, scope, scope_version, *texts = row
    attributes, resource, events = texts
    span = Span(
        *("", "", None, service, name, Kind(kind), start_ns, end_ns, Status(status)),
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
