"""Lets coroutines wait for what a thread does."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Notifier:
    """The writer's thread notifies, and every coroutine that waits looks again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: list[Waiter] = []

    def notify(self) -> None:
        with self._lock:
            waiters, self._waiters = self._waiters, []
        for loop, future in waiters:
            # A loop that is closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(wake, future)

    async def until(self, reached: Callable[[], bool], seconds: float | None = None) -> bool:
        """Waits until `reached()`, checked after each notification; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    await self._notified(reached)
        except TimeoutError:
            return False
        return True

    async def _notified(self, reached: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        waiter = (loop, loop.create_future())
        with self._lock:
            self._waiters.append(waiter)
        try:
            # The notification may have come between the look and our joining.
            if not reached():
                await waiter[1]
        finally:
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)


def wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
