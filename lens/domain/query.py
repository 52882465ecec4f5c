"""What a search asks for, and whether a span matches it. All is compared as text, as in Jaeger."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from traces.model import Span
from traces.semconv import spellings


@dataclass(frozen=True, slots=True)
class Operation:
    """A span name a service uses, with the kind (the word of a Kind) it uses it for."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for; None or an empty value means any.

    Service, operation, durations and all `tags` must match on one and the same span, as in Jaeger;
    `errors_only` keeps traces with a failed span; newest first, at most `limit`.
    """

    service: str | None = None
    operation: str | None = None
    start_ns: int | None = None
    end_ns: int | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    errors_only: bool = False
    limit: int = 100


# Keys that ask for a field of the span rather than for one of its attributes.
FIELDS: Mapping[str, Callable[[Span, str], bool]] = {
    "error": lambda span, wanted: span.failed == (wanted.lower() not in ("false", "0", "")),
    "span.status": lambda span, wanted: span.status.name == wanted.upper(),
    "span.kind": lambda span, wanted: span.kind.word == wanted.lower(),
    "scope.name": lambda span, wanted: span.scope == wanted,
    "scope.version": lambda span, wanted: span.scope_version == wanted,
}
RESOURCE = "resource."


def carries(span: Span, tags: Mapping[str, str]) -> bool:
    """Whether the span, its resource or its events have all `tags`, in any spelling of a key."""
    return all(has(span, key, wanted) for key, wanted in tags.items())


def has(span: Span, key: str, wanted: str) -> bool:
    if key in FIELDS:
        return FIELDS[key](span, wanted)
    if key.startswith(RESOURCE):
        return among(key.removeprefix(RESOURCE), wanted, (span.resource,))
    events = (event.attributes for event in span.events)
    return among(key, wanted, (span.attributes, span.resource, *events))


def among(key: str, wanted: str, places: Iterable[Mapping[str, Any]]) -> bool:
    names = spellings(key)
    return any(wanted in forms(place[name]) for place in places for name in names if name in place)


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
