"""What strikes, all told: delays, then at most one thing that ends the work, and what spoils it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from opentelemetry.trace import Span, Status, StatusCode

from chaos.engine.active import Active
from chaos.engine.delay import Latency
from chaos.engine.effect import TERMINAL, Effect
from chaos.engine.values import Part
from shared.events import event

E = TypeVar("E", bound=Part)
ID, TYPE = "acmeshop.fault.id", "acmeshop.fault.type"
COUNT, DELAY = "acmeshop.fault.count", "acmeshop.fault.delay_ms"
STRUCK = "acmeshop.fault.injected"
log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Blow:
    """One fault of a strike; `delay` is how long it delays, in seconds, if it does."""

    active: Active
    delay: float = 0.0

    @property
    def effect(self) -> Effect:
        return self.active.fault.effect

    @property
    def attributes(self) -> dict[str, str | float]:
        """What an event tells of it."""
        delay = {DELAY: self.delay * 1000} if self.delay else {}
        return {ID: self.active.fault.id, TYPE: self.effect.type, **delay}


@dataclass(frozen=True)
class Strike:
    """The faults that strike one request, call, operation or message together. When any of them is
    `hidden`, nothing says that it was ordered.
    """

    blows: tuple[Blow, ...]

    @property
    def hidden(self) -> bool:
        return any(blow.active.fault.hidden for blow in self.blows)

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
        """Says on the current span, and in the log, that this was ordered; all else on it is as in
        a real failure.
        """
        if self.hidden:
            return
        for blow in self.blows:
            told = event(STRUCK, blow.attributes, often=True)
            log.info("fault %s struck", blow.active.fault.id, extra=told)
        before = dict(getattr(span, "attributes", None) or {})
        marked = marks(self, before)
        # What struck this span before, as in a pool, stays the one that is named.
        if ID not in before or self.terminal is not None:
            marked |= {ID: self.cause.active.fault.id, TYPE: self.cause.effect.type}
        span.set_attributes(marked)


def marks(strike: Strike, before: Mapping[str, Any]) -> dict[str, str | float]:
    """How many faults struck, if it was more than one, and how long they delay, all told."""
    count = before.get(COUNT, int(ID in before)) + len(strike.blows)
    delay = before.get(DELAY, 0.0) + sum(blow.delay for blow in strike.blows) * 1000
    return ({COUNT: count} if count > 1 else {}) | ({DELAY: delay} if delay else {})


def ended_badly(span: Span, error_type: str) -> None:
    """Makes the span an error, where nothing is raised that would."""
    span.set_attribute("error.type", error_type)
    span.set_status(Status(StatusCode.ERROR))
