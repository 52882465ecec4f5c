"""Revisions of the faults: which is the last, and how one waits for the next."""

import asyncio
import secrets
from contextlib import suppress


class Notifier:
    """Wakes whoever waits in the same event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.ended = False

    def notify(self) -> None:
        self._event.set()
        if not self.ended:
            self._event = asyncio.Event()

    def end(self) -> None:
        """Nobody waits from now on."""
        self.ended = True
        self.notify()

    async def wait(self, seconds: float) -> None:
        """Waits for the next notification, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()


class Revisions:
    """Numbers that only grow; `epoch` tells those of this process from those of others. `news`
    notifies of each revision, and of all else there is to report.
    """

    def __init__(self, last: int = 0) -> None:
        self.epoch, self.last = secrets.token_hex(4), last
        self._revised, self.news = Notifier(), Notifier()

    @property
    def etag(self) -> str:
        return f'"{self.epoch}-{self.last}"'

    def next(self) -> int:
        """Begins the next revision; whoever waits for it is woken by `notify`."""
        self.last += 1
        return self.last

    def notify(self) -> None:
        self._revised.notify()
        self.news.notify()

    async def changed(self, seen: int, seconds: float) -> int:
        """Waits for a revision other than `seen`, at most so long; returns the last one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self.last == seen and not self.ending and (left := until - loop.time()) > 0:
            await self._revised.wait(left)
        return self.last

    @property
    def ending(self) -> bool:
        return self._revised.ended

    def end_waits(self) -> None:
        """Nobody is kept waiting from now on: the service stops."""
        self._revised.end()
        self.news.end()
