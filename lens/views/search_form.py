"""The search form: what was typed, what is wrong with it, and the query it stands for.

The keys are those of Jaeger's address bar, with `errors=1` and `sort` added; a wrong field
has a sentence in `wrong`, and then there is nothing to ask the store.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lens.domain.conditions import Condition
from lens.domain.durations import parse_duration
from lens.domain.query import Query
from lens.views.moments import moment
from lens.views.tags import read_tags

FIELDS = (
    "service",
    "operation",
    "tags",
    "minDuration",
    "maxDuration",
    "lookback",
    "last",
    "start",
    "end",
    "limit",
    "errors",
    "sort",
)
ANY_TIME, CUSTOM = "any", "custom"
LOOKBACKS = (
    ("5m", "5 minutes"),
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("6h", "6 hours"),
    ("24h", "24 hours"),
    ("7d", "7 days"),
    (ANY_TIME, "Any time"),
    (CUSTOM, "Custom"),
)
SORTS = ("newest", "longest", "spans", "errors")
DEFAULT_LOOKBACK, DEFAULT_LIMIT, MOST = "24h", 50, 1500
WHOLE = re.compile(r"\d{1,19}")


@dataclass(frozen=True, slots=True)
class SearchForm:
    """`typed` is what stands in the fields, `wrong` a sentence per field that cannot be used."""

    typed: Mapping[str, str]
    query: Query
    wrong: Mapping[str, str] = field(default_factory=dict)
    live: bool = True
    narrowed: bool = False

    @property
    def understood(self) -> tuple[str, ...]:
        """What the tags ask for, in words."""
        return tuple(condition.words for condition in self.query.conditions)


def read_form(params: Mapping[str, str], now_ns: int) -> SearchForm:
    """The form as the address bar has it; every wrong field has its sentence, none raises."""
    typed = {name: params.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, str] = {}
    conditions = read_conditions(typed["tags"], wrong)
    shortest = read_duration("minDuration", typed, wrong)
    longest = read_duration("maxDuration", typed, wrong)
    if shortest is not None and longest is not None and shortest > longest:
        wrong["maxDuration"] = f"{typed['maxDuration']} is shorter than the minimum."
    start, end = read_range(typed, wrong, now_ns)
    query = Query(
        service=typed["service"] if typed["service"] not in ("", "all") else None,
        operation=typed["operation"] if typed["operation"] not in ("", "all") else None,
        start_ns=start,
        end_ns=end,
        min_duration_ns=shortest,
        max_duration_ns=longest,
        conditions=conditions,
        errors_only=typed["errors"].lower() in ("1", "true", "on", "yes"),
        limit=read_limit(typed, wrong),
    )
    if typed["sort"] not in SORTS:
        typed["sort"] = "newest"
    narrowed = any(typed[n] for n in ("service", "operation", "tags", "minDuration", "maxDuration"))
    narrowed = narrowed or query.errors_only
    return SearchForm(typed, query, wrong, live=end is None and not wrong, narrowed=narrowed)


def read_conditions(text: str, wrong: dict[str, str]) -> tuple[Condition, ...]:
    try:
        return read_tags(text)
    except ValueError as error:
        wrong["tags"] = str(error)
        return ()


def read_duration(name: str, typed: Mapping[str, str], wrong: dict[str, str]) -> int | None:
    text = typed[name]
    parsed = parse_duration(text)
    if text and parsed is None:
        wrong[name] = f"“{text}” is not a duration. Write for example 100ms, 1.5s or 500us."
    return parsed


def read_limit(typed: dict[str, str], wrong: dict[str, str]) -> int:
    text = typed["limit"] = typed["limit"] or str(DEFAULT_LIMIT)
    if not WHOLE.fullmatch(text) or not 1 <= int(text) <= MOST:
        wrong["limit"] = f"“{text}” is not a whole number from 1 to {MOST}."
        return DEFAULT_LIMIT
    return int(text)


def read_range(
    typed: dict[str, str], wrong: dict[str, str], now_ns: int
) -> tuple[int | None, int | None]:
    """Start and end in nanoseconds; a look back has no end, so that it stays live."""
    look = typed["lookback"]
    if look == CUSTOM or (not look and (typed["start"] or typed["end"])):
        typed["lookback"] = CUSTOM
        if typed["last"]:
            return read_last(typed, wrong, now_ns), None
        start = read_moment("start", typed, wrong)
        end = read_moment("end", typed, wrong)
        if start is not None and end is not None and start > end:
            wrong["end"] = "The range ends before it starts."
        return start, end
    typed["last"] = typed["start"] = typed["end"] = ""
    typed["lookback"] = look = look or DEFAULT_LOOKBACK
    if look == ANY_TIME:
        return None, None
    return read_back("lookback", typed, wrong, now_ns), None


def read_last(typed: dict[str, str], wrong: dict[str, str], now_ns: int) -> int | None:
    """The start of the last `3h`, which goes before two moments."""
    typed["last"] = re.sub(r"^last\s+", "", typed["last"], flags=re.IGNORECASE)
    if typed["start"] or typed["end"]:
        wrong["last"] = "Either this or two moments: clear one of them."
        return None
    return read_back("last", typed, wrong, now_ns)


def read_back(
    name: str, typed: Mapping[str, str], wrong: dict[str, str], now_ns: int
) -> int | None:
    back = parse_duration(typed[name])
    if back is None:
        wrong[name] = f"“{typed[name]}” is not a span of time. Write for example 15m, 2h or 3d."
        return None
    return max(0, now_ns - back)


def read_moment(name: str, typed: dict[str, str], wrong: dict[str, str]) -> int | None:
    """Microseconds since the epoch, as in Jaeger, or a local time like 2026-11-21T10:30."""
    text = typed[name]
    if not text:
        return None
    if WHOLE.fullmatch(text) and int(text) < 9_000_000_000_000_000:
        typed[name] = moment(int(text) * 1000).strftime("%Y-%m-%dT%H:%M:%S")
        return int(text) * 1000
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1e6) * 1000
    except (ValueError, OverflowError, OSError):
        wrong[name] = f"“{text}” is not a time. Write for example 2026-11-21T10:30."
        return None
