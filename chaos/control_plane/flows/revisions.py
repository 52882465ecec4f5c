"""Revisions of the faults: which is the last, and how one waits for the next."""

import asyncio
import secrets
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


class Revisions:
    """Numbers that only grow, within one life of the process: `epoch` tells it from others. `news`
    is rung for each, and for all else there is to tell.
    """

    def __init__(self) -> None:
        self.epoch, self.revision = secrets.token_hex(4), 0
        self._bell, self.news = Bell(), Bell()

    @property
    def etag(self) -> str:
        return f'"{self.epoch}-{self.revision}"'

    async def changed(self, seen: int, seconds: float) -> int:
        """Waits for a revision other than `seen`, at most so long; answers the last one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self.revision == seen and not self.ending and (left := until - loop.time()) > 0:
            await self._bell.heard(left)
        return self.revision

    @property
    def ending(self) -> bool:
        return self._bell.ended

    def end_waits(self) -> None:
        """Nobody is kept waiting from now on: the service stops."""
        self._bell.end()
        self.news.end()

    def _ring(self) -> None:
        self._bell.ring()
        self.news.ring()
