"""How calls are made badly: without a pause between attempts, without a deadline for the whole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

from shared.errors import UpstreamError
from shared.http.attempt import Attempt
from shared.http.policy import note_retries, stream_of
from shared.http.wire import STREAMED
from shared.transport import Request, Response, Transport

T = TypeVar("T")


async def retry_immediately(
    attempt: Callable[[int], Awaitable[T]], attempts: int, _seconds: float
) -> T:
    """Retries without a pause, as if each failure were an accident."""
    for resent in range(attempts - 1):
        with suppress(UpstreamError):
            return note_retries(await attempt(resent), resent)
    return note_retries(await attempt(attempts - 1), attempts - 1)


async def deadline_for_each_read(
    attempt: Attempt, transport: Transport, request: Request, seconds: float
) -> tuple[Response, bytes]:
    """The answer and its body, as the timeout of many clients has it: there is a deadline for the
    head and for each read of the body, none for the whole, and the span ends with the head.
    """
    request.extensions[STREAMED] = True
    async with asyncio.timeout(seconds):
        response = await transport.handle_async_request(request)
    attempt.answered(response)
    attempt.span.end()
    async with aclosing(response):
        return response, b"".join([part async for part in reads(response, seconds)])


async def reads(response: Response, seconds: float) -> AsyncIterator[bytes]:
    parts = aiter(stream_of(response))
    while True:
        try:
            async with asyncio.timeout(seconds):
                part = await anext(parts)
        except StopAsyncIteration:
            return
        yield part
