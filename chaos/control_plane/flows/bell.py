"""Rung when there is news, heard by whoever waits in the same event loop."""

import asyncio
from contextlib import suppress


class Bell:
    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.ended = False

    def ring(self) -> None:
        """Wakes everyone who waits now."""
        self._rung.set()
        if not self.ended:
            self._rung = asyncio.Event()

    def end(self) -> None:
        """Nobody waits from now on."""
        self.ended = True
        self.ring()

    async def heard(self, seconds: float) -> None:
        """Waits for the next ring, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
