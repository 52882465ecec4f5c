"""What a test may expect of a trace. Each raises AssertionError with the trace's tree if it is
not so.
"""

import re
from collections.abc import Sequence
from typing import Any

from traces.causes import root_causes
from traces.model import Span, Trace
from traces.tree import indented


class AssertableTrace:
    """A trace whose spans can be found, and what is expected of it."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    @property
    def spans(self) -> Sequence[Span]:
        return self.trace.spans

    def find(
        self,
        service: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        error: bool | None = None,
        **attributes: Any,
    ) -> list[Span]:
        """The spans that match all that is given: `name` is a regular expression for the whole
        name, `kind` a word such as SERVER, an attribute's dots are written as `__`, as in
        `http__route="/auth"`.
        """

        def matches(span: Span) -> bool:
            return (
                service in (None, span.service)
                and (name is None or re.fullmatch(name, span.name) is not None)
                and kind in (None, span.kind.name)
                and error in (None, span.failed)
                and all(
                    span.attributes.get(key.replace("__", ".")) == value
                    for key, value in attributes.items()
                )
            )

        return [span for span in self.spans if matches(span)]

    def parent(self, span: Span) -> Span | None:
        return self.trace.parent_of(span)

    def children(self, span: Span) -> Sequence[Span]:
        return self.trace.children_of(span)

    def roots(self) -> Sequence[Span]:
        return self.trace.roots

    def orphans(self) -> Sequence[Span]:
        return self.trace.orphans

    def edges(self) -> frozenset[tuple[str, str]]:
        """Which service called which."""
        return self.trace.edges

    def tree(self) -> str:
        """The trace as indented text, one line for each span."""
        return indented(self.trace)

    def expect(self, count: int | None = None, **wanted: Any) -> list[Span]:
        """At least one span, or exactly `count`, that `find(**wanted)` finds; returns them."""
        found = self.find(**wanted)
        if (count is None and not found) or (count is not None and len(found) != count):
            number = "at least one span" if count is None else f"{count} spans"
            raise AssertionError(f"wanted {number} {wanted}, found {len(found)}\n{self.tree()}")
        return found

    def expect_edge(self, caller: str, callee: str) -> None:
        """A span of `callee` is the child of a span of `caller`."""
        if (caller, callee) not in self.edges():
            raise AssertionError(f"{caller} -> {callee} is missing\n{self.tree()}")

    def expect_no_edge(self, caller: str, callee: str) -> None:
        if (caller, callee) in self.edges():
            raise AssertionError(f"{caller} -> {callee} should not be there\n{self.tree()}")

    def expect_whole(self) -> None:
        """There is one root, and every other span has its parent."""
        if not self.trace.is_whole:
            roots, orphans = len(self.roots()), len(self.orphans())
            raise AssertionError(
                f"{roots} roots, {orphans} spans without their parent\n{self.tree()}"
            )

    def expect_root_cause(self, service: str, **wanted: Any) -> Span:
        """The trace has exactly one root cause, and it is `service`'s; returns it."""
        causes = list(root_causes(self.trace))
        matching = [span for span in self.find(service, **wanted) if span in causes]
        if len(causes) != 1 or matching != causes:
            found = ", ".join(map(str, causes)) or "none"
            raise AssertionError(
                f"wanted {service} {wanted} as root cause, found {found}\n{self.tree()}"
            )
        return causes[0]
