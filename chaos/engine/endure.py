"""What a strike does on every side alike: it delays, burns, leaks, crashes, raises."""

import builtins
from http import HTTPStatus
from time import perf_counter
from typing import Literal

from chaos.engine.active import Active
from chaos.engine.effect import Cpu, Crash, Error, Hang, Leak, Raise, RateLimit
from chaos.engine.engine import Faults
from chaos.engine.strike import Strike
from shared.errors import MEANINGS, ShopError, TooManyRequests

MIB = 1024 * 1024
MOST_LEAKED = 256 * MIB


async def endure(faults: Faults, strike: Strike) -> None:
    """All that happens before the work, and lets it go on; raises what a mistake would raise."""
    await delay(faults, strike, "before")
    if cpu := strike.has(Cpu):
        burn(cpu[1].ms / 1000)
    if leaking := strike.has(Leak):
        leak(faults, *leaking)
    if strike.terminal is None:
        return
    if isinstance(crash := strike.terminal.effect, Crash):
        faults.die(crash.exit_code)
    if isinstance(mistake := strike.terminal.effect, Raise):
        kind: type[Exception] = getattr(builtins, mistake.name)
        raise kind(strike.says(mistake.message or "this should not have happened"))


async def delay(faults: Faults, strike: Strike, position: Literal["before", "after"]) -> None:
    for blow in strike.delays(position):
        await faults.wait(blow.active, blow.delay)


async def hung(faults: Faults, strike: Strike) -> bool:
    """Hangs, if that is what strikes; tells whether nobody ended it."""
    if strike.terminal is None or not isinstance(hang := strike.terminal.effect, Hang):
        return False
    return await faults.wait(strike.terminal.active, hang.max_s)


def burn(seconds: float) -> None:
    """Computes for so long, and lets nobody else in."""
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


def leak(faults: Faults, active: Active, effect: Leak) -> None:
    """Keeps some more, as far as this fault and all of the process may."""
    more = effect.kib * 1024
    if len(active.kept) * more < effect.cap_mib * MIB and faults.leaked() + more <= MOST_LEAKED:
        active.kept.append(b"\xff" * more)


def refusal(strike: Strike) -> ShopError | None:
    """The answer other than success that was ordered; None when none was."""
    effect = strike.terminal.effect if strike.terminal else None
    if isinstance(effect, Error):
        error = MEANINGS.get(effect.status, ShopError)(strike.says(phrase(effect.status)))
        error.status = effect.status
    elif isinstance(effect, RateLimit):
        error = TooManyRequests(strike.says(phrase(TooManyRequests.status)))
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
