"""Does a span carry the tags that are searched for? All is compared as text, as in Jaeger."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lens.domain.model import ERROR, KINDS, OK, Span
from lens.domain.semconv import spellings

STATUSES = {OK: "ok", ERROR: "error"}
# Keys that ask for a field of the span rather than for one of its attributes.
FIELDS: Mapping[str, Callable[[Span, str], bool]] = {
    "error": lambda span, wanted: span.failed == (wanted.lower() not in ("false", "0", "")),
    "span.status": lambda span, wanted: STATUSES.get(span.status, "unset") == wanted.lower(),
    "span.kind": lambda span, wanted: KINDS[span.kind] == wanted.lower(),
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
    """The texts by which a value can be asked for: 2.0 is also `2`, and a list is its JSON."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, float) and value.is_integer():
        return (repr(value), str(int(value)))
    if isinstance(value, list | dict):
        return (json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str),)
    return (str(value),)
