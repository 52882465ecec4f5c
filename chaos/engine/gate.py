"""A gate that lets only so many in at once; the others queue."""

import asyncio
from collections import deque
from collections.abc import Callable
from math import inf

LONGEST = 60.0  # an event loop cannot wait for ever


class Gate:
    """Lets `size` in at once; the others wait in a queue, until somebody leaves or it is opened."""

    def __init__(self, size: float) -> None:
        self._size, self._inside = size, 0
        self._queue: deque[asyncio.Future[None]] = deque()

    async def enter(self, patience: Callable[[], float]) -> bool:
        """Waits for a place, while there is patience: the seconds that are left of it. Who has none
        any more goes in all the same. Says whether there was anything to wait for.
        """
        if self._inside < self._size and not self._queue:
            self._inside += 1
            return False
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            while not turn.done() and (left := patience()) > 0:
                await asyncio.wait({turn}, timeout=min(left, LONGEST))
        except asyncio.CancelledError:
            if turn.done():
                self.leave()
            else:
                self._queue.remove(turn)
            raise
        if not turn.done():
            self._queue.remove(turn)
            self._inside += 1
        return True

    def leave(self) -> None:
        self._inside -= 1
        self._let_in()

    def open(self) -> None:
        """Lets everybody in from now on."""
        self._size = inf
        self._let_in()

    def _let_in(self) -> None:
        while self._queue and self._inside < self._size:
            self._inside += 1
            self._queue.popleft().set_result(None)
