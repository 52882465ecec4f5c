"""A trace as a test reads it: spans that can be found, and how they hang together."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Span:
    """One span; `kind` is a word such as SERVER, times are nanoseconds since the epoch."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: str
    start_ns: int
    end_ns: int
    error: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def __str__(self) -> str:
        failed = " ERROR" if self.error else ""
        ms = (self.end_ns - self.start_ns) / 1e6
        return f"{self.service}: {self.name} [{self.kind}] {ms:.1f} ms{failed}"


class Spans:
    """Spans of one trace, in order of their start; a span that came twice counts once."""

    def __init__(self, spans: Iterable[Span]) -> None:
        unique = {span.span_id: span for span in spans}
        self.spans = sorted(unique.values(), key=lambda span: span.start_ns)
        self._by_id = unique

    def find(
        self,
        service: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        error: bool | None = None,
        **attributes: Any,
    ) -> list[Span]:
        """The spans that match all that is given: `name` is a regular expression for the whole
        name, an attribute's dots are written as `__`, as in `http__route="/auth"`.
        """

        def matches(span: Span) -> bool:
            return (
                service in (None, span.service)
                and (name is None or re.fullmatch(name, span.name) is not None)
                and kind in (None, span.kind)
                and error in (None, span.error)
                and all(
                    span.attributes.get(key.replace("__", ".")) == value
                    for key, value in attributes.items()
                )
            )

        return [span for span in self.spans if matches(span)]

    def parent(self, span: Span) -> Span | None:
        return self._by_id.get(span.parent_id)

    def children(self, span: Span) -> list[Span]:
        return [child for child in self.spans if child.parent_id == span.span_id]

    def roots(self) -> list[Span]:
        return [span for span in self.spans if not span.parent_id]

    def orphans(self) -> list[Span]:
        return [span for span in self.spans if span.parent_id and self.parent(span) is None]

    def edges(self) -> set[tuple[str, str]]:
        """Who called whom: the services of each parent and child that are not of the same one."""
        pairs = ((self.parent(span), span) for span in self.spans)
        return {
            (up.service, span.service) for up, span in pairs if up and up.service != span.service
        }

    def root_causes(self) -> list[Span]:
        """The failed spans below which nothing failed."""
        return [
            span
            for span in self.spans
            if span.error and not any(child.error for child in self.children(span))
        ]

    def tree(self) -> str:
        """The trace as indented text, one line for each span."""
        lines: list[str] = []

        def add(span: Span, depth: int) -> None:
            lines.append("  " * depth + str(span))
            for child in self.children(span):
                add(child, depth + 1)

        for root in self.roots():
            add(root, 0)
        for orphan in self.orphans():
            lines.append(f"(parent {orphan.parent_id} is missing)")
            add(orphan, 1)
        return "\n".join(lines) or "(no spans)"
