"""The form that searches log lines: what was typed, what is wrong with it, what it asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lens.domain import ids
from lens.domain.durations import parse_duration
from lens.domain.log_query import LEVELS, FoundLine, LogQuery
from lens.views.details import Bounds, Pair, flags, stated
from lens.views.search_form import ANY_TIME, CUSTOM, LOOKBACKS

FIELDS = ("text", "service", "level", "trace", "span", "lookback", "limit")
CHOICES = tuple(choice for choice in LOOKBACKS if choice[0] != CUSTOM)
DEFAULT_LOOKBACK, DEFAULT_LIMIT, MOST, LONGEST = "24h", 200, 1000, 1000
SPAN_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class LogForm:
    """`typed` is what stands in the fields, `wrong` a sentence for each that cannot be used."""

    typed: Mapping[str, str]
    query: LogQuery
    wrong: Mapping[str, str]

    @property
    def narrowed(self) -> bool:
        return any(self.typed[name] for name in ("text", "service", "level", "trace", "span"))


def read_form(params: Mapping[str, str], now_ns: int) -> LogForm:
    """The form as the address bar has it; every wrong field has its sentence, none raises."""
    typed = {name: params.get(name, "").strip() for name in FIELDS}
    typed["limit"] = typed["limit"] or str(DEFAULT_LIMIT)
    # All lines of a trace are wanted, however old it is.
    typed["lookback"] = typed["lookback"] or (ANY_TIME if typed["trace"] else DEFAULT_LOOKBACK)
    wrong: dict[str, str] = {}
    pasted = ids.pasted(typed["trace"])
    if typed["trace"] and pasted is None:
        wrong["trace"] = f"“{typed['trace']}” has no trace id of up to 32 hex digits."
    span = typed["span"].lower() or (pasted.span_id if pasted else None) or ""
    if span and not SPAN_ID.fullmatch(span):
        wrong["span"] = f"“{typed['span']}” is not a span id of 16 hex digits."
    level = LEVELS.get(typed["level"].lower(), 0)
    if typed["level"] and not level:
        wrong["level"] = f"“{typed['level']}” is not a level. There are {', '.join(LEVELS)}."
    back = None if typed["lookback"] == ANY_TIME else parse_duration(typed["lookback"])
    if back is None and typed["lookback"] != ANY_TIME:
        wrong["lookback"] = f"“{typed['lookback']}” is not a span of time. Write for example 15m."
    limit = int(typed["limit"]) if re.fullmatch("[0-9]{1,9}", typed["limit"]) else 0
    if not 1 <= limit <= MOST:
        wrong["limit"] = f"“{typed['limit']}” is not a whole number from 1 to {MOST}."
    query = LogQuery(
        text=typed["text"][:LONGEST],
        service=typed["service"],
        level=level,
        trace_id=pasted.trace_id if pasted else "",
        span_id=span,
        start_ns=None if back is None else max(0, now_ns - back),
        limit=limit or DEFAULT_LIMIT,
    )
    return LogForm(typed, query, wrong)


def known_of(found: FoundLine) -> dict[str, Any]:
    """What is known of a line beside its text, for the part of its row that folds open."""
    line, bounds = found.line, Bounds(whole=False)
    return {
        "attributes": bounds.pairs(line.attributes, "attribute"),
        "resource": bounds.pairs(line.resource, "attribute"),
        "scope": bounds.pairs(line.origin.scope_attributes, "attribute"),
        "protocol": protocol(found, bounds),
    }


def protocol(found: FoundLine, bounds: Bounds) -> tuple[Pair, ...]:
    """What OTLP says of a record beside what happened: who recorded it, and what was left out."""
    line, origin = found.line, found.line.origin
    return stated(
        ("Trace", line.trace_id or ""),
        ("Span", line.span_id or ""),
        ("Recorded by", bounds.text(" ".join(filter(None, (line.scope, line.scope_version))))),
        ("Severity number", line.level),
        ("Flags", flags(line.flags)),
        ("Attributes left out", line.dropped),
        ("Resource attributes left out", origin.resource_dropped),
        ("Scope attributes left out", origin.scope_dropped),
        ("Schema of the resource", bounds.text(origin.resource_schema)),
        ("Schema of the scope", bounds.text(origin.scope_schema)),
    )
