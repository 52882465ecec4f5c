"""Everything that is known of one span, in the order a reader wants it.

Long texts and long lists are shortened, and the details say so; they can be had whole.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lens.views.propagation import Crossing, crossings
from traces.model import Event, Link, LogLine, Span, Trace
from traces.units import duration, plural, shortened

T = TypeVar("T")

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AcmeShop", ("acmeshop.", "customer.")),
    ("HTTP", ("http.", "url.", "user_agent.")),
    ("Database", ("db.",)),
    ("Messaging", ("messaging.",)),
    ("Remote call", ("rpc.", "service.peer.", "peer.")),
    ("Network", ("server.", "client.", "network.", "net.")),
    ("Error", ("error.", "exception.")),
    ("Code", ("code.", "thread.")),
)
LONGEST, LONGEST_STACK = 1_000, 20_000
MOST_ATTRIBUTES, MOST_EVENTS, MOST_LINES, MOST_LINKS = 100, 50, 100, 50
LEFT_OUT = "Attributes left out"
EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and its value, or the beginning of one that has so many `characters`."""

    key: str
    value: str
    characters: int

    @property
    def cut(self) -> bool:
        return len(self.value) < self.characters

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
    """`left_out` says how lists go on, `200 attributes`; `cut` is whether anything is missing."""

    name: str
    message: str
    kind: str
    groups: tuple[tuple[str, tuple[Pair, ...]], ...]
    resource: tuple[Pair, ...]
    scope: tuple[Pair, ...]
    protocol: tuple[Pair, ...]
    links: tuple[tuple[Link, tuple[Pair, ...]], ...]
    happenings: tuple[Happening, ...]
    logs: tuple[LogLine, ...]
    crossings: tuple[Crossing, ...]
    left_out: tuple[str, ...]
    cut: bool


class Bounds:
    """Shortens what is long, unless all is wanted, and remembers what it left out."""

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole
        self.left_out: list[str] = []
        self.cut = False

    def text(self, text: str, most: int = LONGEST) -> str:
        if self._whole or len(text) <= most:
            return text
        self.cut = True
        return shortened(text, most)

    def some(self, things: Sequence[T], most: int, noun: str) -> Sequence[T]:
        if self._whole or len(things) <= most:
            return things
        self.cut = True
        self.left_out.append(plural(len(things) - most, noun))
        return things[:most]

    def pairs(self, attributes: Mapping[str, Any], noun: str) -> tuple[Pair, ...]:
        keys = self.some(sorted(attributes), MOST_ATTRIBUTES, noun)
        texts = ((key, written(attributes[key])) for key in keys)
        return tuple(Pair(self.text(key), self.text(text), len(text)) for key, text in texts)


def details(trace: Trace, span: Span, *, whole: bool = False) -> Details:
    """What is known of this span of this trace; `whole` leaves nothing out."""
    bounds = Bounds(whole=whole)
    lines = [line for line in trace.logs if line.span_id == span.span_id]
    return Details(
        name=bounds.text(span.name),
        message=bounds.text(span.status_message),
        kind=kind_of(span),
        groups=grouped(bounds.pairs(span.attributes, "attribute")),
        resource=bounds.pairs(span.resource, "attribute"),
        scope=bounds.pairs(span.origin.scope_attributes, "attribute"),
        protocol=protocol(span, bounds),
        links=tuple(
            (link, of_link(link, bounds)) for link in bounds.some(span.links, MOST_LINKS, "link")
        ),
        happenings=tuple(
            happening(span, event, bounds)
            for event in bounds.some(span.events, MOST_EVENTS, "event")
        ),
        logs=tuple(
            replace(line, body=bounds.text(line.body))
            for line in bounds.some(lines, MOST_LINES, "log line")
        ),
        crossings=crossings(trace, span),
        left_out=tuple(bounds.left_out),
        cut=bounds.cut,
    )


def protocol(span: Span, bounds: Bounds) -> tuple[Pair, ...]:
    """What OTLP says of a span beside what happened: how it came, and what was left out."""
    origin, dropped, sent = span.origin, span.dropped, span.sent
    return stated(
        ("Span id as sent", sent.span_id if sent else ""),
        ("Parent id as sent", (sent.parent_id or "none") if sent else ""),
        ("Trace state", bounds.text(span.trace_state)),
        ("Flags", flags(span.flags)),
        (LEFT_OUT, dropped.attributes),
        ("Events left out", dropped.events),
        ("Links left out", dropped.links),
        ("Resource attributes left out", origin.resource_dropped),
        ("Scope attributes left out", origin.scope_dropped),
        ("Schema of the resource", bounds.text(origin.resource_schema)),
        ("Schema of the scope", bounds.text(origin.scope_schema)),
    )


def of_link(link: Link, bounds: Bounds) -> tuple[Pair, ...]:
    return bounds.pairs(link.attributes, "attribute") + stated(
        ("Trace state", bounds.text(link.trace_state)),
        ("Flags", flags(link.flags)),
        (LEFT_OUT, link.dropped),
    )


def stated(*facts: tuple[str, str | int]) -> tuple[Pair, ...]:
    """The facts that say something."""
    texts = ((key, str(value)) for key, value in facts if value)
    return tuple(Pair(key, text, len(text)) for key, text in texts)


def flags(value: int) -> str:
    """The bits of W3C and OTLP that are set, in words."""
    if not value:
        return ""
    words = ["sampled"] if value & 1 else []
    words += ["random trace id"] if value & 2 else []
    if value & 0x100:
        words.append("remote parent" if value & 0x200 else "parent in the same process")
    return f"0x{value:x}" + (f": {', '.join(words)}" if words else "")


def kind_of(span: Span) -> str:
    return span.kind.word


def grouped(pairs: Iterable[Pair]) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
    """Attributes by what they are about; what fits nowhere comes last, under `Other`."""
    groups: dict[str, list[Pair]] = {title: [] for title, _ in GROUPS}
    groups["Other"] = []
    for pair in pairs:
        title = next((t for t, starts in GROUPS if pair.key.startswith(starts)), "Other")
        groups[title].append(pair)
    return tuple((title, tuple(found)) for title, found in groups.items() if found)


def written(value: object) -> str:
    """Text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def happening(span: Span, event: Event, bounds: Bounds) -> Happening:
    kind, message, stack = (written(event.attributes.get(key, "")) for key in EXCEPTION)
    others = {key: value for key, value in event.attributes.items() if key not in EXCEPTION}
    return Happening(
        name=bounds.text(event.name),
        offset=offset(event.time_ns - span.start_ns),
        pairs=bounds.pairs(others, "attribute") + stated((LEFT_OUT, event.dropped)),
        exception=bounds.text(kind),
        message=bounds.text(message),
        stack=bounds.text(stack.strip("\n"), LONGEST_STACK),
    )


def offset(ns: int) -> str:
    return f"{'−' if ns < 0 else '+'}{duration(abs(ns))}"
