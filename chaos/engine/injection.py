"""What is injected at one point: delays, then at most one fault that ends the work, and what
degrades the response. It marks the span, and does what every side has in common.
"""

import builtins
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Any, Literal, Protocol, TypeVar

from opentelemetry.trace import Span, Status, StatusCode

from chaos.engine.effect import (
    TERMINAL,
    Cpu,
    Crash,
    Effect,
    Error,
    Hang,
    Latency,
    Leak,
    Raise,
    RateLimit,
)
from chaos.engine.registry import ActiveFault, Registry
from chaos.engine.values import Part
from shared.errors import MEANINGS, ShopError, TooManyRequests
from shared.events import event

E = TypeVar("E", bound=Part)
ID, TYPE = "acmeshop.fault.id", "acmeshop.fault.type"
COUNT, DELAY = "acmeshop.fault.count", "acmeshop.fault.delay_ms"
INJECTED = "acmeshop.fault.injected"
MIB = 1024 * 1024
MOST_LEAKED = 256 * MIB
log = logging.getLogger("acmeshop")


class Engine(Protocol):
    """What of the engine is needed to apply an injection."""

    registry: Registry
    die: Callable[[int], None]

    def wait(self, active: ActiveFault, seconds: float) -> Awaitable[bool]: ...


@dataclass(frozen=True)
class InjectedFault:
    """One fault of an injection; `delay` is how long it delays, in seconds, if it does."""

    active: ActiveFault
    delay: float = 0.0

    @property
    def effect(self) -> Effect:
        return self.active.fault.effect

    @property
    def attributes(self) -> dict[str, str | float]:
        """What an event says of it."""
        delay = {DELAY: self.delay * 1000} if self.delay else {}
        return {ID: self.active.fault.id, TYPE: self.effect.type, **delay}


@dataclass(frozen=True)
class Injection:
    """The faults that are injected into one request, call, operation or message together. When any
    of them is `hidden`, nothing says that it was on purpose.
    """

    faults: tuple[InjectedFault, ...]

    @property
    def hidden(self) -> bool:
        return any(one.active.fault.hidden for one in self.faults)

    @property
    def terminal(self) -> InjectedFault | None:
        return next((one for one in self.faults if isinstance(one.effect, TERMINAL)), None)

    @property
    def cause(self) -> InjectedFault:
        """The fault that ends the work, or else the first."""
        return self.terminal or self.faults[0]

    def delays(self, position: Literal["before", "after"]) -> list[InjectedFault]:
        return [
            one
            for one in self.faults
            if isinstance(one.effect, Latency) and one.effect.position == position
        ]

    def has(self, kind: type[E]) -> tuple[ActiveFault, E] | None:
        """The first effect of that kind, with its fault."""
        for one in self.faults:
            if isinstance(one.effect, kind):
                return one.active, one.effect
        return None

    def message(self, plainly: str) -> str:
        """What a real failure would say, after the fault's id, unless that is hidden."""
        return (
            plainly if self.hidden else f"[acmeshop fault {self.cause.active.fault.id}] {plainly}"
        )

    def mark(self, span: Span) -> None:
        """Says on the current span, and in the log, that this was on purpose; all else on it is as
        in a real failure.
        """
        if self.hidden:
            return
        for one in self.faults:
            extra = event(INJECTED, one.attributes, often=True)
            log.info("fault %s injected", one.active.fault.id, extra=extra)
        before = dict(getattr(span, "attributes", None) or {})
        marked = marks(self, before)
        # What this span was marked with before, as in a pool, stays the one that is named.
        if ID not in before or self.terminal is not None:
            marked |= {ID: self.cause.active.fault.id, TYPE: self.cause.effect.type}
        span.set_attributes(marked)


def marks(injection: Injection, before: Mapping[str, Any]) -> dict[str, str | float]:
    """How many faults there are, if it is more than one, and how long they delay together."""
    count = before.get(COUNT, int(ID in before)) + len(injection.faults)
    delay = before.get(DELAY, 0.0) + sum(one.delay for one in injection.faults) * 1000
    return ({COUNT: count} if count > 1 else {}) | ({DELAY: delay} if delay else {})


def ended_badly(span: Span, error_type: str) -> None:
    """Makes the span an error, where nothing is raised that would."""
    span.set_attribute("error.type", error_type)
    span.set_status(Status(StatusCode.ERROR))


async def apply(engine: Engine, injection: Injection) -> None:
    """All that happens before the work, and lets it go on; raises what a mistake would raise."""
    await delay(engine, injection, "before")
    if cpu := injection.has(Cpu):
        burn(cpu[1].ms / 1000)
    if leaking := injection.has(Leak):
        leak(engine, *leaking)
    if injection.terminal is None:
        return
    if isinstance(crash := injection.terminal.effect, Crash):
        engine.die(crash.exit_code)
    if isinstance(mistake := injection.terminal.effect, Raise):
        kind: type[Exception] = getattr(builtins, mistake.name)
        raise kind(injection.message(mistake.message or "this should not have happened"))


async def delay(engine: Engine, injection: Injection, position: Literal["before", "after"]) -> None:
    for one in injection.delays(position):
        await engine.wait(one.active, one.delay)


async def hung(engine: Engine, injection: Injection) -> bool:
    """Hangs, if that is what is injected; says whether nobody ended it."""
    terminal = injection.terminal
    if terminal is None or not isinstance(hang := terminal.effect, Hang):
        return False
    return await engine.wait(terminal.active, hang.max_s)


def burn(seconds: float) -> None:
    """Computes for so long, and lets nothing else run."""
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


def leak(engine: Engine, active: ActiveFault, effect: Leak) -> None:
    """Keeps some more, as far as this fault and all of the process may."""
    more = effect.kib * 1024
    within = engine.registry.leaked() + more <= MOST_LEAKED
    if len(active.kept) * more < effect.cap_mib * MIB and within:
        active.kept.append(b"\xff" * more)


def refusal(injection: Injection) -> ShopError | None:
    """The answer other than success that is injected; None when none is."""
    effect = injection.terminal.effect if injection.terminal else None
    if isinstance(effect, Error):
        error = MEANINGS.get(effect.status, ShopError)(injection.message(phrase(effect.status)))
        error.status = effect.status
    elif isinstance(effect, RateLimit):
        error = TooManyRequests(injection.message(phrase(TooManyRequests.status)))
    else:
        return None
    error.retry_after = effect.retry_after
    return error


def phrase(status: int) -> str:
    """What a status is called, as in "service unavailable"."""
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return f"status {status}"
