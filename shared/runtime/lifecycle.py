"""The life of a service: what happens before the first request, beside all of them, and after."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

from shared.repeating import repeating


class Lifecycle:
    """Parts of a service register what is to be done when. What they registered with `closing` is
    closed when the `stack` is, last registered first.
    """

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self._starts: list[Callable[[], Awaitable[None]]] = []
        self._stops: list[Callable[[], None]] = []

    def starting(self, start: Callable[[], Awaitable[None]]) -> None:
        """Has `start` awaited before the first request."""
        self._starts.append(start)

    async def start(self) -> None:
        for start in self._starts:
            await start()

    def stopping(self, stop: Callable[[], None]) -> None:
        """Has `stop` called once no new request is taken: for what would keep old ones waiting."""
        self._stops.append(stop)

    def stop(self) -> None:
        for stop in self._stops:
            stop()

    def closing(self, close: Callable[[], Awaitable[None] | None]) -> None:
        """Has `close` called, and awaited if need be, at the end."""

        async def call() -> None:
            if inspect.isawaitable(result := close()):
                await result

        self.stack.push_async_callback(call)

    def background(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Has `work` run beside the requests, from the start until the end. It must not end by
        itself.
        """

        async def start() -> None:
            task = asyncio.create_task(work())

            async def end() -> None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

            self.closing(end)

        self.starting(start)

    def every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Has `work` done at the start and then every so often; a failure is logged, and the next
        time is another try.
        """
        self.background(repeating(seconds, work))
