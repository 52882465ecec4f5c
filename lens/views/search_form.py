"""The search form: what was typed, what is wrong with it, and the query it stands for.

The query in words, `q`, says all but the time; the fields beside it, whose keys are those of
Jaeger's address bar with `errors=1` added, say parts of it more comfortably (see `agreed`). A wrong
field has a sentence in `wrong`, and then there is nothing to ask the store.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from lens.domain.conditions import Condition
from lens.domain.durations import parse_duration
from lens.domain.language import Read, read, terms_of_tags, written
from lens.domain.pattern import Pattern
from lens.domain.query import Query
from lens.views.moments import moment

# The fields that say parts of the query, each with the key and operator that say the same there.
SAID = {
    "service": ("service", "="),
    "operation": ("name", "="),
    "minDuration": ("duration", ">="),
    "maxDuration": ("duration", "<="),
    "errors": ("trace.errors", ">"),
}
LASTING = "trace.duration"
ANY = "0"  # errors are more than
OF_ADDRESS = ("q", "lookback", "last", "start", "end", "limit", "sort")
FIELDS = (*OF_ADDRESS, *SAID, "tags")
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

    @property
    def narrowed(self) -> bool:
        return bool(self.typed["q"] or self.wrong.keys() & {*SAID, "tags"})

    @property
    def understood(self) -> str:
        """What the query asks for, in words."""
        return self.query.pattern.words

    def address(self, **changed: str) -> str:
        """The address of this search, or of one with other values of some keys."""
        typed = {key: self.typed[key] for key in OF_ADDRESS} | changed
        return "/search?" + urlencode({key: value for key, value in typed.items() if value})

    @property
    def lasting(self) -> bool:
        """Whether the query says how long traces may be."""
        return any(one.key == LASTING for one in self.query.pattern.of_trace)

    def lasting_from(self, low: str = "", high: str = "") -> str:
        """The address of this search among traces of these durations, instead of those it has."""
        text = self.typed["q"]
        for term in reversed(read(text).terms):
            if term.condition.key == LASTING:
                text = text[: term.start] + text[term.end :].lstrip()
        terms = [f"{LASTING}>={low}"] if low else []
        terms += [f"{LASTING}<{high}"] if high else []
        return self.address(q=" ".join([*terms, text]).strip())


def read_form(params: Mapping[str, str], now_ns: int) -> SearchForm:
    """The form as the address bar has it; every wrong field has its sentence, none raises."""
    typed = {name: params.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, str] = {}
    pattern = read_query(typed, params.get("was"), wrong)
    start, end = read_range(typed, wrong, now_ns)
    limit = read_limit(typed, wrong)
    query = Query(start_ns=start, end_ns=end, pattern=pattern, limit=limit)
    if typed["sort"] not in SORTS:
        typed["sort"] = "newest"
    return SearchForm(typed, query, wrong, live=end is None and not wrong)


def read_query(typed: dict[str, str], was: str | None, wrong: dict[str, str]) -> Pattern:
    """The pattern of the query and the fields, which then say the same."""
    for name in ("service", "operation"):
        typed[name] = "" if typed[name] == "all" else typed[name]
    typed["errors"] = ANY if typed["errors"].lower() in ("1", "true", "on", "yes") else ""
    shortest = read_duration("minDuration", typed, wrong)
    longest = read_duration("maxDuration", typed, wrong)
    if shortest is not None and longest is not None and shortest > longest:
        wrong["maxDuration"] = f"{typed['maxDuration']} is shorter than the minimum."
    tags = typed.pop("tags")
    try:
        typed["q"] = agreed(typed, read(typed["q"]), was, wrong)
        typed["q"] = f"{typed['q']} {terms_of_tags(tags)}".strip()
        found = read(typed["q"])
    except ValueError as error:
        typed["q"] = typed["q"] or tags
        wrong["q"] = str(error)
        return Pattern()
    for name in SAID.keys() - wrong.keys():
        typed[name] = said(found, name)
    return found.pattern


def agreed(typed: Mapping[str, str], found: Read, was: str | None, wrong: Mapping[str, str]) -> str:
    """The query with what the fields say in it. `was` is the query with which the form was shown,
    if it was: where that was changed the fields are left out, else they replace what it says.
    """
    text = typed["q"]
    if was is not None and " ".join(was.split()) != " ".join(text.split()):
        return text
    fields = {name: typed[name] for name in SAID if name not in wrong}
    places = [
        term
        for term in found.terms
        for name, value in fields.items()
        if says(term.condition, name) and (was is not None or term.condition.value == value)
    ]
    for term in reversed(places):
        text = text[: term.start] + text[term.end :].lstrip()
    terms = [written(*SAID[name], value) for name, value in fields.items() if value]
    return " ".join([*terms, text]).strip()


def said(found: Read, name: str) -> str:
    """What the query says of this field; empty if nothing."""
    conditions = (term.condition for term in found.terms)
    return next((one.value for one in conditions if says(one, name)), "")


def says(condition: Condition, name: str) -> bool:
    """Whether the condition says what this field does, whatever its value."""
    same = (condition.key, condition.operator) == SAID[name]
    return same and (name != "errors" or condition.value == ANY)


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
