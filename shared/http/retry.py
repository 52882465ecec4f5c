"""Trying again: the one place where it is done, well or badly."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import stamina
from opentelemetry.trace import get_current_span

from shared.errors import BreakerOpen, UpstreamError

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
T = TypeVar("T")


async def retried(call: Callable[[int], Awaitable[T]], attempts: int, seconds: float) -> T:
    """`call(n)`, n counting from 0, until it raises no UpstreamError: at most `attempts` times and
    none begun after `seconds`, with pauses that grow and are spread by chance.
    """
    if attempts == 1:
        return await call(0)
    tries = stamina.retry_context(
        on=may_pass,
        attempts=attempts,
        timeout=seconds,
        wait_initial=FIRST_PAUSE,
        wait_max=LONGEST_PAUSE,
        wait_jitter=FIRST_PAUSE,
    )
    async for attempt in tries:
        with attempt:
            return noted(await call(attempt.num - 1), attempt.num - 1)
    raise AssertionError("the last attempt raises what it met")


def may_pass(error: Exception) -> bool:
    """Whether another try may help: not where the breaker would not let it through."""
    return isinstance(error, UpstreamError) and not isinstance(error, BreakerOpen)


async def at_once(call: Callable[[int], Awaitable[T]], attempts: int) -> T:
    """The same, as it should not be done: without a pause, as if each failure were an accident."""
    for resent in range(attempts - 1):
        with suppress(UpstreamError):
            return noted(await call(resent), resent)
    return noted(await call(attempts - 1), attempts - 1)


def noted(answer: T, resent: int) -> T:
    """The answer; that it took more than one try is told on the span of whoever asked."""
    if resent:
        get_current_span().set_attribute("acmeshop.resilience.outcome", "retried")
    return answer
