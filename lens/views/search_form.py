"""The search form: what was typed, what is wrong with it, and the query it stands for.

The keys are those of Jaeger's address bar, with `errors=1` and `sort` added; a wrong field
has a sentence in `wrong`, and then there is nothing to ask the store.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lens.domain.durations import parse_duration
from lens.domain.query import Query
from lens.views.moments import moment

FIELDS = (
    "service",
    "operation",
    "tags",
    "minDuration",
    "maxDuration",
    "lookback",
    "start",
    "end",
    "limit",
    "errors",
    "sort",
)
LOOKBACKS = (
    ("5m", "5 minutes"),
    ("15m", "15 minutes"),
    ("1h", "1 hour"),
    ("6h", "6 hours"),
    ("24h", "24 hours"),
    ("7d", "7 days"),
    ("custom", "Custom"),
)
SORTS = ("newest", "longest", "spans", "errors")
DEFAULT_LOOKBACK, DEFAULT_LIMIT, MOST = "24h", 50, 1500
WHOLE = re.compile(r"\d{1,19}")
PAIR = re.compile(r'\s*([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)')
BARE = re.compile(r'\s*([^\s="]+)(?=\s|$)')
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class SearchForm:
    """`typed` is what stands in the fields, `wrong` a sentence per field that cannot be used."""

    typed: Mapping[str, str]
    query: Query
    wrong: Mapping[str, str] = field(default_factory=dict)
    live: bool = True
    narrowed: bool = False


def read_form(params: Mapping[str, str], now_ns: int) -> SearchForm:
    """The form as the address bar has it; every wrong field has its sentence, none raises."""
    typed = {name: params.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, str] = {}
    tags = read_tags(typed["tags"], wrong)
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
        tags=tags,
        errors_only=typed["errors"].lower() in ("1", "true", "on", "yes"),
        limit=read_limit(typed, wrong),
    )
    if typed["sort"] not in SORTS:
        typed["sort"] = "newest"
    narrowed = any(typed[n] for n in ("service", "operation", "tags", "minDuration", "maxDuration"))
    narrowed = narrowed or query.errors_only
    return SearchForm(typed, query, wrong, live=end is None and not wrong, narrowed=narrowed)


def read_tags(text: str, wrong: dict[str, str]) -> dict[str, str]:
    try:
        return parse_tags(text)
    except ValueError as error:
        wrong["tags"] = str(error)
        return {}


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
    if look == "custom" or (not look and (typed["start"] or typed["end"])):
        typed["lookback"] = "custom"
        start = read_moment("start", typed, wrong)
        end = read_moment("end", typed, wrong)
        if start is not None and end is not None and start > end:
            wrong["end"] = "The range ends before it starts."
        return start, end
    typed["start"] = typed["end"] = ""
    typed["lookback"] = look = look or DEFAULT_LOOKBACK
    back = parse_duration(look)
    if back is None:
        wrong["lookback"] = f"“{look}” is not a span of time. Write for example 15m, 2h or 3d."
        return None, None
    return max(0, now_ns - back), None


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


def parse_tags(text: str) -> dict[str, str]:
    """Tags by key, out of logfmt, `a=1 b="two words"`, or the JSON map of Jaeger's addresses.

    Raises ValueError with a sentence that says what cannot be read.
    """
    text = text.strip()
    return parse_json(text) if text.startswith("{") else parse_logfmt(text)


def parse_json(text: str) -> dict[str, str]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON. Write {"key": "value"} or key=value.') from None
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in read.items()
    }


def parse_logfmt(text: str) -> dict[str, str]:
    """A key without a value means `key=true`, as logfmt has it."""
    tags: dict[str, str] = {}
    at = 0
    while at < len(text):
        if pair := PAIR.match(text, at):
            quoted = pair[2]
            tags[pair[1]] = pair[3] if quoted is None else ESCAPED.sub(r"\1", quoted)
        elif pair := BARE.match(text, at):
            tags[pair[1]] = "true"
        else:
            raise ValueError(f"“{text[at:].strip()}” is not key=value. Quote values with spaces.")
        at = pair.end()
    return tags
