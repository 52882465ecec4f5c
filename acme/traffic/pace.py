"""How fast people click, all of them together."""

import asyncio
import time

LATE = 0.1  # seconds for which a turn is kept


class Pace:
    """Turns at a steady rate for so many seconds, or so many turns in all.

    A turn does not wait for the answer to the one before: people do not come more slowly because
    the shop is slow. A turn that nobody was free to take is soon lost, and not made up for: a shop
    that has stood still meets no flood afterwards.
    """

    def __init__(self, rate: float) -> None:
        self.rate, self.taken = rate, 0
        self._promised, self._seconds = 0, 0.0
        self._turns: int | None = None
        self._begun = self._next = self._last = time.monotonic()

    def start(self, seconds: float, turns: int | None = None) -> None:
        """From now on there are turns."""
        self._begun = self._next = self._last = time.monotonic()
        self._seconds, self._turns = seconds, turns

    @property
    def elapsed(self) -> float:
        """Seconds so far, to the last turn."""
        return self._last - self._begun + 1 / self.rate

    @property
    def reached(self) -> float:
        """Turns a second, as they were taken."""
        return self.taken / self.elapsed

    @property
    def done(self) -> float:
        """How much of it is over, from 0 to 1."""
        if self._turns:
            return self.taken / self._turns
        return min(1.0, (time.monotonic() - self._begun) / self._seconds)

    async def turn(self) -> bool:
        """Waits for the next turn; False when there are no more."""
        now = time.monotonic()
        mine = max(self._next, now - LATE)
        if self._promised == self._turns or mine >= self._begun + self._seconds:
            return False
        self._next = mine + 1 / self.rate
        self._promised += 1
        await asyncio.sleep(max(0.0, mine - now))
        self.taken, self._last = self.taken + 1, mine
        return True
