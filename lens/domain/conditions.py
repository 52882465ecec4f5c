"""What a search asks of one span, `service=orders`, `http.status_code>=500`, `a=~b.*`, or of a
whole trace, `trace.duration>1s`.

A key that is not a field means the attribute in any of its spellings, of the span, its resource or
one of its events; `span.`, `resource.` and `event.` before it name the place, and a mere dot says
that `.name` is an attribute and no field.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lens.domain.durations import nanoseconds
from traces.model import Kind, Span, Status
from traces.semconv import spellings
from traces.units import plural

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": float.__gt__,
    ">=": float.__ge__,
    "<": float.__lt__,
    "<=": float.__le__,
}
WORDS = {
    "": "{key} is there",
    "=": "{key} is “{value}”",
    "!=": "{key} is there and not “{value}”",
    ">": "{key} is more than {value}",
    ">=": "{key} is at least {value}",
    "<": "{key} is less than {value}",
    "<=": "{key} is at most {value}",
    "~": "{key} has {value} in it",
    "=~": "{key} matches {value} from its first to its last character",
    "!~": "{key} is there and does not match {value}",
}
SCOPES = ("span.", "resource.", "event.")
LONGEST_PATTERN, LONGEST_MATCHED = 200, 1_000
MOST_REPEATS, MOST_OPTIONAL = 2, 8
# Python's expressions can take for ever on these: a group that repeats, a reference back.
ENDLESS = re.compile(r"\)[*+{]|\\[1-9]|\(\?P=")
REPEATS = re.compile(r"(?<!\\)[*+]|(?<!\\)\{\d*,")
# Each doubles the ways to match; after a quantifier or a parenthesis it is no quantifier itself.
OPTIONAL = re.compile(r"(?<![\\*+?}(])\?")

PATTERNS = ("~", "=~", "!~")

# Keys that ask for a field of the span rather than for one of its attributes.
FIELDS: Mapping[str, Callable[[Span], Any]] = {
    "service": lambda span: span.service,
    "name": lambda span: span.name,
    "kind": lambda span: span.kind.word,
    "status": lambda span: span.status.name.lower(),
    "duration": lambda span: span.duration_ns,
    "error": lambda span: "true" if span.failed else "false",
    "span.status": lambda span: span.status.name,
    "span.kind": lambda span: span.kind.word,
    "scope.name": lambda span: span.scope,
    "scope.version": lambda span: span.scope_version,
}
# Keys that ask for a whole trace: where it began, how long it is, and how many spans it has.
OF_TRACE = (
    *("trace.service", "trace.name", "trace.duration", "trace.spans", "trace.errors"),
    "trace.pinned",
)
DURATIONS = ("duration", "trace.duration")
# The words that a field may be; of other fields any.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "kind": tuple(kind.word for kind in Kind),
    "status": tuple(status.name.lower() for status in Status),
    "error": ("true", "false"),
    "trace.pinned": ("true", "false"),
    "span.kind": tuple(kind.word for kind in Kind),
    "span.status": tuple(status.name for status in Status),
}
# How what is asked of a field may be written.
SPELT: Mapping[str, Callable[[str], str]] = {
    "kind": str.lower,
    "status": str.lower,
    "duration": lambda wanted: str(nanoseconds(wanted)),
    "error": lambda wanted: "false" if wanted.lower() in ("false", "0", "") else "true",
    "span.status": str.upper,
    "span.kind": str.lower,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`operator` is one of those of WORDS; an empty one asks whether the key is there at all."""

    key: str
    operator: str = ""
    value: str = ""

    @property
    def words(self) -> str:
        """What it asks for, for a person to read."""
        return WORDS[self.operator].format(key=self.key, value=self.value)

    @property
    def wanted(self) -> str:
        """The value as the field has it: a duration in nanoseconds, a kind in small letters."""
        as_it_is = self.operator in ("", *PATTERNS)
        return self.value if as_it_is else SPELT.get(self.key, str)(self.value)

    def holds(self, span: Span) -> bool:
        """Whether one of the values under this key is as wanted; never without such a value."""
        if self.key in FIELDS:
            return suits(FIELDS[self.key](span), self.operator, self.wanted)
        found = list(values(span, self.key))
        if self.operator in ("!=", "!~"):  # of several values none may be the unwanted one
            return bool(found) and all(suits(value, self.operator, self.value) for value in found)
        return any(suits(value, self.operator, self.value) for value in found)


def values(span: Span, key: str) -> Iterator[Any]:
    """All values that a span, its resource and its events have under a key."""
    key = key.removeprefix(".")
    events = [event.attributes for event in span.events]
    yield from among(key, (span.attributes, span.resource, *events))
    for scope, places in zip(SCOPES, ([span.attributes], [span.resource], events), strict=True):
        if key.startswith(scope):
            yield from among(key.removeprefix(scope), places)


def among(key: str, places: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    names = spellings(key)
    return (place[name] for place in places for name in names if name in place)


def suits(value: Any, operator: str, wanted: str) -> bool:
    if operator == "":
        return True
    if operator in COMPARISONS:
        number, limit = number_of(value), number_of(wanted)
        return number is not None and limit is not None and COMPARISONS[operator](number, limit)
    texts = forms(value)
    if operator == "~":
        return any(compiled(wanted, anywhere=True).search(text[:LONGEST_MATCHED]) for text in texts)
    if operator in PATTERNS:
        matches = any(compiled(wanted).fullmatch(text[:LONGEST_MATCHED]) for text in texts)
        return matches is (operator == "=~")
    return (wanted in texts) is (operator == "=")


def forms(value: Any) -> tuple[str, ...]:
    """The texts that match a value: 2.0 is also `2`, and a list is its JSON."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, float) and value.is_integer():
        return (repr(value), str(int(value)))
    if isinstance(value, list | dict):
        return (json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str),)
    return (str(value),)


def number_of(value: Any) -> float | None:
    """The number that a value is, or that a text says; truth values are none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=64)
def compiled(pattern: str, *, anywhere: bool = False) -> re.Pattern[str]:
    """Raises ValueError with a sentence when a pattern is none, or could take for ever; one that is
    looked for `anywhere` in a text is tried from each of its characters on, as if it repeated.
    """
    most = MOST_REPEATS - anywhere
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"A pattern has at most {LONGEST_PATTERN} characters.")
    repeats, optional = len(REPEATS.findall(pattern)), len(OPTIONAL.findall(pattern))
    if ENDLESS.search(pattern) or repeats > most or optional > MOST_OPTIONAL:
        raise ValueError(
            f"“{pattern}” could take for ever: use at most {plural(most, 'repetition')},"
            f" none of a group, and {MOST_OPTIONAL} optional characters."
        )
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"“{pattern}” is not a regular expression: {error.msg}.") from None


def as_jaeger_means(key: str) -> str:
    """The key of a tag of Jaeger's API, which knows fewer fields."""
    is_ours = key in OF_TRACE or (key in FIELDS and key != "error" and "." not in key)
    return f".{key}" if is_ours else key


def holds(span: Span, conditions: Iterable[Condition]) -> bool:
    """Whether one span has all of it."""
    return all(condition.holds(span) for condition in conditions)
