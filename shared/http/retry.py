"""Trying again: the one place where it is done."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from shared.errors import UpstreamError

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
T = TypeVar("T")


async def retried(call: Callable[[int], Awaitable[T]], attempts: int, seconds: float) -> T:
    """`call(n)`, n counting from 0, until it raises no UpstreamError: at most `attempts` times and
    none begun after `seconds`, with pauses that grow and are spread by chance.
    """
    if attempts == 1:
        return await call(0)
    tries = stamina.retry_context(
        on=UpstreamError,
        attempts=attempts,
        timeout=seconds,
        wait_initial=FIRST_PAUSE,
        wait_max=LONGEST_PAUSE,
        wait_jitter=FIRST_PAUSE,
    )
    async for attempt in tries:
        with attempt:
            return await call(attempt.num - 1)
    raise AssertionError("the last attempt raises what it met")
