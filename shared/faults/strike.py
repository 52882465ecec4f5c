"""What strikes, all told: delays, then at most one thing that ends the work, and what spoils it."""

from dataclasses import dataclass
from typing import Literal, TypeVar

from opentelemetry.trace import Span, Status, StatusCode

from shared.faults.active import Active
from shared.faults.delay import Latency
from shared.faults.effect import TERMINAL
from shared.faults.values import Part

E = TypeVar("E", bound=Part)


@dataclass(frozen=True)
class Blow:
    """One fault of a strike; `delay` is how long it delays, in seconds, if it does."""

    active: Active
    delay: float = 0.0

    @property
    def effect(self) -> Part:
        return self.active.fault.effect


@dataclass(frozen=True)
class Strike:
    """The faults that strike one request, call, operation or message together. In a `hidden` one
    nothing says that it was ordered.
    """

    blows: tuple[Blow, ...]
    hidden: bool = False

    @property
    def terminal(self) -> Blow | None:
        return next((blow for blow in self.blows if isinstance(blow.effect, TERMINAL)), None)

    @property
    def cause(self) -> Blow:
        """The fault that ends the work, or else the first."""
        return self.terminal or self.blows[0]

    def delays(self, position: Literal["before", "after"]) -> list[Blow]:
        return [
            blow
            for blow in self.blows
            if isinstance(blow.effect, Latency) and blow.effect.position == position
        ]

    def has(self, kind: type[E]) -> tuple[Active, E] | None:
        """The first effect of that kind, with its fault."""
        for blow in self.blows:
            if isinstance(blow.effect, kind):
                return blow.active, blow.effect
        return None

    def says(self, plainly: str) -> str:
        """A message: what a real failure would say, unless it may be told that it is none."""
        told = f"[acmeshop fault {self.cause.active.fault.id}]"
        return plainly if self.hidden else f"{told} {plainly}"

    def mark(self, span: Span) -> None:
        """Says on the span that this was ordered; all else on it is as in a real failure."""
        if self.hidden:
            return
        fault = self.cause.active.fault
        span.set_attribute("acmeshop.fault.id", fault.id)
        span.set_attribute("acmeshop.fault.type", fault.effect.type)
        if len(self.blows) > 1:
            span.set_attribute("acmeshop.fault.count", len(self.blows))
        if delay := sum(blow.delay for blow in self.blows):
            span.set_attribute("acmeshop.fault.delay_ms", delay * 1000)


def ended_badly(span: Span, error_type: str) -> None:
    """Makes the span an error, where nothing is raised that would."""
    span.set_attribute("error.type", error_type)
    span.set_status(Status(StatusCode.ERROR))
