"""Query parameters as Jaeger's APIs spell them; what cannot be read is a BadParameter."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import Request

from lens.domain import ids
from lens.domain.durations import nanoseconds
from lens.routes.answers import BadParameter

DEFAULT_TRACES = 100
MAX_TRACES = 1_500
MAX_NS = 2**63 - 1
FRACTION = re.compile(r"\.(\d+)")
CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")

T = TypeVar("T")


class Parameters:
    """The parameters of one request; an empty one counts as not given."""

    def __init__(self, request: Request) -> None:
        self._given = request.query_params

    def text(self, *names: str) -> str | None:
        """The first of these that is given, in camelCase or in snake_case."""
        spelt = (form for name in names for form in (name, snake(name)))
        return next((value for name in spelt if (value := self._given.get(name))), None)

    def all(self, name: str) -> list[str]:
        return self._given.getlist(name)

    def read(self, read: Callable[[str], T], *names: str) -> T | None:
        """What `read` makes of the first of these that is given."""
        value = self.text(*names)
        if value is None:
            return None
        try:
            return read(value)
        except ValueError as error:
            raise BadParameter(f"malformed parameter {names[0]}: {error}") from None

    def needed(self, read: Callable[[str], T], *names: str) -> T:
        value = self.read(read, *names)
        if value is None:
            raise BadParameter(f"{names[0]} is required")
        return value


def snake(name: str) -> str:
    return CAPITAL.sub(r"_\1", name).lower()


def whole(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise ValueError(f"{text} is not a whole number")
    return int(text)


def microseconds(text: str) -> int:
    """A time or a duration in microseconds, as nanoseconds."""
    return within(whole(text) * 1_000)


def milliseconds(text: str) -> int:
    return within(whole(text) * 1_000_000)


def within(value: int) -> int:
    return max(-MAX_NS, min(value, MAX_NS))


def duration(text: str) -> int:
    return within(nanoseconds(text))


def rfc3339(text: str) -> int:
    """A time such as 2026-11-21T10:00:00.123456789Z, in nanoseconds since the epoch."""
    fraction = FRACTION.search(text)
    moment = datetime.fromisoformat(FRACTION.sub("", text, count=1))
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    digits = fraction[1][:9].ljust(9, "0") if fraction else "0"
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return within(int(seconds) * 1_000_000_000 + int(digits))


def trace_id(text: str) -> str:
    found = ids.trace_id(text)
    if found is None:
        raise ValueError(f"{text} is not a trace id of 1 to 32 hex digits other than zero")
    return found


def limit(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise ValueError("at least 1 is needed")
    return min(value, MAX_TRACES)


def tags_of_json(text: str) -> Mapping[str, str]:
    tags = json.loads(text)
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise ValueError("a JSON object of strings is expected")
    return tags


def tags_of_pairs(pairs: Iterable[str]) -> Mapping[str, str]:
    split = [pair.partition(":") for pair in pairs]
    for key, colon, _ in split:
        if not colon:
            raise BadParameter(f"malformed 'tag' parameter, expecting key:value, received: {key}")
    return {key: value for key, _, value in split}
