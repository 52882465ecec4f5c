"""Rung by the writer's thread, heard by coroutines."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

Waiter = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]"]


class Bell:
    """Wakes everyone who waits for something the writer did."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiters: list[Waiter] = []

    def ring(self) -> None:
        with self._lock:
            waiters, self._waiters = self._waiters, []
        for loop, heard in waiters:
            # A loop that is closed has nobody left to hear it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(wake, heard)

    async def until(self, reached: Callable[[], bool], seconds: float | None = None) -> bool:
        """Waits until `reached()`, asked at each ring; False after so many seconds without."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    await self._heard(reached)
        except TimeoutError:
            return False
        return True

    async def _heard(self, reached: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        waiter = (loop, loop.create_future())
        with self._lock:
            self._waiters.append(waiter)
        try:
            # It may have rung between the question and our joining.
            if not reached():
                await waiter[1]
        finally:
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)


def wake(heard: "asyncio.Future[None]") -> None:
    if not heard.done():
        heard.set_result(None)
