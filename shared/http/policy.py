"""How a peer is called: the deadline, retries, the breaker and how many calls at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass
from typing import Protocol, TypeVar

import httpx
import stamina
from opentelemetry.trace import get_current_span

from shared.errors import BreakerOpen, UpstreamError
from shared.http.attempt import Attempt
from shared.http.breaker import Breaker
from shared.transport import Request, Response, Transport

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
# Times the deadline of one attempt: an attempt that timed out leaves time for another to begin.
RETRY_WITHIN = 1.25
NO_WAIT: AbstractAsyncContextManager[None] = nullcontext()

Exchange = Callable[[Attempt, Transport, Request, float], Awaitable[tuple[Response, bytes]]]


class Retry(Protocol):
    async def __call__(
        self, attempt: Callable[[int], Awaitable[T]], attempts: int, seconds: float, /
    ) -> T:
        """`attempt(n)`, n counting from 0, at most `attempts` times while it raises UpstreamError
        that may pass; none is begun after `seconds`.
        """


async def with_backoff(attempt: Callable[[int], Awaitable[T]], attempts: int, seconds: float) -> T:
    """Retries after pauses that grow, with jitter."""
    if attempts == 1:
        return await attempt(0)
    tries = stamina.retry_context(
        on=may_pass,
        attempts=attempts,
        timeout=seconds,
        wait_initial=FIRST_PAUSE,
        wait_max=LONGEST_PAUSE,
        wait_jitter=FIRST_PAUSE,
    )
    async for one in tries:
        with one:
            return note_retries(await attempt(one.num - 1), one.num - 1)
    raise AssertionError("the last attempt raises its error")


def may_pass(error: Exception) -> bool:
    """Whether a retry may help: not where the breaker would not let it through."""
    return isinstance(error, UpstreamError) and not isinstance(error, BreakerOpen)


def note_retries(answer: T, resent: int) -> T:
    """The answer; the caller's span says that it took a retry."""
    if resent:
        get_current_span().set_attribute("acmeshop.resilience.outcome", "retried")
    return answer


async def within_deadline(
    attempt: Attempt, transport: Transport, request: Request, seconds: float
) -> tuple[Response, bytes]:
    """The answer and its body; all of it arrives within `seconds`, or TimeoutError."""
    async with asyncio.timeout(seconds):
        response = await transport.handle_async_request(request)
        async with aclosing(response):
            body = b"".join([part async for part in stream_of(response)])
    attempt.answered(response)
    return response, body


def stream_of(response: Response) -> httpx.AsyncByteStream:
    """The body as it comes: no answer of the shop's services needs httpx's decoders."""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    return response.stream


def no_limit(_: str) -> AbstractAsyncContextManager[None]:
    return NO_WAIT


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How a peer is called. One attempt may take `timeout` seconds. `attempts` is the least number
    of attempts, even where the caller asks for fewer. Around each attempt and its span `pool`,
    given "METHOD template", waits while there are too many. The `breaker` has a circuit for each
    `breaker_key`.
    """

    timeout: float
    attempts: int = 1
    retry: Retry = with_backoff
    exchange: Exchange = within_deadline
    breaker: Breaker | None = None
    breaker_key: str = ""
    pool: Callable[[str], AbstractAsyncContextManager[None]] = no_limit

    def always(self, _method: str) -> "CallPolicy":
        """The same policy for every call."""
        return self
