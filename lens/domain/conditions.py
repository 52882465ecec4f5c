"""What a search asks of the attributes of one span: `key`, `http.status_code>=500`, `a=~b.*`.

A key means the attribute in any of its spellings, of the span, its resource or one of its events;
`span.`, `resource.` and `event.` before it name the place.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from traces.model import Span
from traces.semconv import spellings

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

# Keys that ask for a field of the span rather than for one of its attributes.
FIELDS: Mapping[str, Callable[[Span], str]] = {
    "error": lambda span: "true" if span.failed else "false",
    "span.status": lambda span: span.status.name,
    "span.kind": lambda span: span.kind.word,
    "scope.name": lambda span: span.scope,
    "scope.version": lambda span: span.scope_version,
}
# How what is asked of a field may be written.
SPELT: Mapping[str, Callable[[str], str]] = {
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

    def holds(self, span: Span) -> bool:
        """Whether one of the values under this key is as wanted; never without such a value."""
        if self.key in FIELDS:
            wanted = SPELT.get(self.key, str)(self.value) if self.operator in ("=", "!=") else ""
            return suits(FIELDS[self.key](span), self.operator, wanted or self.value)
        found = list(values(span, self.key))
        if self.operator in ("!=", "!~"):  # of several values none may be the unwanted one
            return bool(found) and all(suits(value, self.operator, self.value) for value in found)
        return any(suits(value, self.operator, self.value) for value in found)


def values(span: Span, key: str) -> Iterator[Any]:
    """All values that a span, its resource and its events have under a key."""
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
    if operator in ("=~", "!~"):
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
def compiled(pattern: str) -> re.Pattern[str]:
    """Raises ValueError with a sentence when a pattern is none, or could take for ever."""
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"A pattern has at most {LONGEST_PATTERN} characters.")
    repeats, optional = len(REPEATS.findall(pattern)), len(OPTIONAL.findall(pattern))
    if ENDLESS.search(pattern) or repeats > MOST_REPEATS or optional > MOST_OPTIONAL:
        raise ValueError(
            f"“{pattern}” could take for ever: use at most {MOST_REPEATS} repetitions,"
            f" none of a group, and {MOST_OPTIONAL} optional characters."
        )
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"“{pattern}” is not a regular expression: {error.msg}.") from None


def holds(span: Span, conditions: Iterable[Condition]) -> bool:
    """Whether one span has all of it."""
    return all(condition.holds(span) for condition in conditions)
