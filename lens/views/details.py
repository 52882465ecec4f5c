"""Everything that is known of one span, in the order a reader wants it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from traces.model import Event, LogLine, Span, Trace
from traces.units import duration

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AcmeShop", ("acmeshop.",)),
    ("HTTP", ("http.", "url.", "user_agent.")),
    ("Database", ("db.",)),
    ("Messaging", ("messaging.",)),
    ("Remote call", ("rpc.", "service.peer.", "peer.")),
    ("Network", ("server.", "client.", "network.", "net.")),
    ("Error", ("error.", "exception.")),
    ("Code", ("code.", "thread.")),
)
EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")


@dataclass(frozen=True, slots=True)
class Pair:
    key: str
    value: str

    @property
    def long(self) -> bool:
        return "\n" in self.value or len(self.value) > 160


@dataclass(frozen=True, slots=True)
class Happening:
    """An event; `offset` counts from the span's start. An exception has its own three fields."""

    name: str
    offset: str
    pairs: tuple[Pair, ...]
    exception: str = ""
    message: str = ""
    stack: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    span: Span
    kind: str
    groups: tuple[tuple[str, tuple[Pair, ...]], ...]
    resource: tuple[Pair, ...]
    happenings: tuple[Happening, ...]
    logs: tuple[LogLine, ...]


def details(trace: Trace, span: Span) -> Details:
    """All that is known of this span of this trace."""
    return Details(
        span=span,
        kind=kind_of(span),
        groups=grouped(span.attributes),
        resource=pairs(span.resource),
        happenings=tuple(happening(span, event) for event in span.events),
        logs=tuple(line for line in trace.logs if line.span_id == span.span_id),
    )


def kind_of(span: Span) -> str:
    return span.kind.word


def grouped(attributes: Mapping[str, Any]) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
    """Attributes by what they are about; what fits nowhere comes last, under `Other`."""
    groups: dict[str, list[Pair]] = {title: [] for title, _ in GROUPS}
    groups["Other"] = []
    for pair in pairs(attributes):
        title = next((t for t, starts in GROUPS if pair.key.startswith(starts)), "Other")
        groups[title].append(pair)
    return tuple((title, tuple(found)) for title, found in groups.items() if found)


def pairs(attributes: Mapping[str, Any], without: Iterable[str] = ()) -> tuple[Pair, ...]:
    keys = sorted(set(attributes) - set(without))
    return tuple(Pair(key, written(attributes[key])) for key in keys)


def written(value: object) -> str:
    """Text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def happening(span: Span, event: Event) -> Happening:
    kind, message, stack = (written(event.attributes.get(key, "")) for key in EXCEPTION)
    return Happening(
        name=event.name,
        offset=offset(event.time_ns - span.start_ns),
        pairs=pairs(event.attributes, without=EXCEPTION),
        exception=kind,
        message=message,
        stack=stack.strip("\n"),
    )


def offset(ns: int) -> str:
    return f"{'−' if ns < 0 else '+'}{duration(abs(ns))}"
