"""What a test may expect of a trace. Each raises AssertionError with the trace's tree when it is
not so.
"""

from typing import Any

from shared.tracetest.model import Span, Spans


class Trace(Spans):
    """A trace, and what is expected of it."""

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
        roots, orphans = len(self.roots()), len(self.orphans())
        if roots != 1 or orphans:
            raise AssertionError(
                f"{roots} roots, {orphans} spans without their parent\n{self.tree()}"
            )

    def expect_root_cause(self, service: str, **wanted: Any) -> Span:
        """Exactly one failed span has no failed child, and it is `service`'s; returns it."""
        causes = self.root_causes()
        matching = [span for span in self.find(service, **wanted) if span in causes]
        if len(causes) != 1 or matching != causes:
            told = ", ".join(map(str, causes)) or "none"
            raise AssertionError(
                f"wanted {service} {wanted} as root cause, found {told}\n{self.tree()}"
            )
        return causes[0]
