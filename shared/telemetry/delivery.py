"""A bounded queue and the thread that empties it: how telemetry leaves without ever holding up a
request.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0

log = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of a batch: it arrived, it may be tried again, or it never will be taken."""

    DELIVERED = "delivered"
    TRY_AGAIN = "try again"
    REFUSED = "refused"


class Delivery(Generic[T]):
    """Hands over items in batches from a thread of its own.

    `put` never waits: when `size` items are waiting the oldest is dropped and counted. While the
    backend is away the batch in hand is kept and tried again, and one log line says so: once when
    it goes, once when it is back.
    """

    def __init__(
        self,
        what: str,
        send: Callable[[Sequence[T]], Outcome],
        *,
        delay: float,
        size: int,
        batch: int,
    ) -> None:
        self.dropped = 0
        self.delivered = 0
        self._what, self._send = what, send
        self._delay, self._size, self._batch = delay, size, min(batch, size)
        self._waiting: deque[T] = deque()
        self._some, self._many, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._busy = False
        self._away_since: float | None = None
        self._thread = threading.Thread(target=self._run, name=f"deliver-{what}", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        if len(self._waiting) >= self._size:
            self._drop_oldest()
        self._waiting.append(item)
        if not self._some.is_set():
            self._some.set()
        if len(self._waiting) >= self._batch:
            self._many.set()

    def flush(self, timeout: float) -> bool:
        """Delivers what is waiting; False when it is not all gone within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        self._many.set()
        while self._waiting or self._busy:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def close(self, timeout: float) -> None:
        """Delivers what is waiting, if that takes no longer than `timeout` seconds, and ends."""
        self._stop.set()
        self._some.set()
        self._many.set()
        self._thread.join(timeout)

    def _drop_oldest(self) -> None:
        try:
            self._waiting.popleft()
        except IndexError:  # the thread was faster
            return
        self.dropped += 1

    def _run(self) -> None:
        while not self._stop.is_set():
            self._some.wait()
            self._many.wait(self._delay)
            self._many.clear()
            self._some.clear()
            self._empty()
        self._empty()
        if close := getattr(self._send, "close", None):
            close()  # by this thread, to which a connection belongs

    def _empty(self) -> None:
        self._busy = True
        while batch := self._take():
            self._deliver(batch)
        self._busy = False

    def _take(self) -> list[T]:
        batch: list[T] = []
        with suppress(IndexError):  # nothing left; `put` may take the last one, to make room
            while len(batch) < self._batch:
                batch.append(self._waiting.popleft())
        return batch

    def _deliver(self, batch: list[T]) -> None:
        pause = FIRST_PAUSE
        while (outcome := self._attempt(batch)) is Outcome.TRY_AGAIN:
            self._note_away()
            if self._stop.wait(pause):
                while more := self._take():  # what is left would fare no better
                    batch += more
                break
            pause = min(pause * 2, LONGEST_PAUSE)
        if outcome is Outcome.DELIVERED:
            self.delivered += len(batch)
            self._note_back()
        else:
            self.dropped += len(batch)

    def _attempt(self, batch: list[T]) -> Outcome:
        try:
            return self._send(batch)
        except Exception:  # this thread's last resort: were it to end, nothing would leave anymore
            log.exception("%d %s could not be sent and are dropped", len(batch), self._what)
            return Outcome.REFUSED

    def _note_away(self) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            log.warning(
                "%s cannot be delivered for now; the shop goes on and keeps the newest %d",
                self._what,
                self._size,
            )

    def _note_back(self) -> None:
        if self._away_since is not None:
            away = time.monotonic() - self._away_since
            self._away_since = None
            log.warning(
                "%s are delivered again after %.1f s; %d were dropped so far",
                self._what,
                away,
                self.dropped,
            )
