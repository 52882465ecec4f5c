"""Delivery: items are encoded and sent, again and again while their endpoint is unavailable."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from shared.telemetry.endpoint import Endpoint, ExportResult, Outage, Outcome

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds between the attempts to send a batch
LONGEST_WAIT = 300.0  # seconds, whatever the backend asks for


class RetryingSender(Generic[T]):
    """Encodes items of one kind and sends them, again and again while the endpoint is unavailable.

    The pause between two attempts doubles, and is no shorter than the backend asks for. It gives up
    on items after `give_up` seconds; None is never. One log line says that there is an outage, and
    one that it is over, with what `backlog` gives: what is still to be said of the items.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        encode: Callable[[Sequence[T]], bytes],
        give_up: float | None = None,
    ) -> None:
        self._endpoint, self._encode, self._give_up = endpoint, encode, give_up
        self.backlog: Callable[[], str] = str
        self._stopped = threading.Event()
        self._outage = Outage(endpoint.url)
        self._not_before = 0.0

    def send(self, items: Sequence[T]) -> int:
        """How many items the endpoint took; it may be long until that is known."""
        if self._stopped.is_set() and self._outage.lasts:
            return 0
        body, begun = self._encode(items), time.monotonic()
        if self._must_stop(self._not_before - begun, begun):
            return 0
        for pause in backoff():
            outcome = self._endpoint.post(body)
            if outcome.result is not ExportResult.RETRYABLE:
                return self._taken(items, outcome)
            self._outage.begin("is unavailable and telemetry waits", outcome.reason)
            wait = min(outcome.wait, LONGEST_WAIT)
            self._not_before = time.monotonic() + wait
            if self._must_stop(max(pause, wait), begun):
                return 0
        raise AssertionError("the pauses never end")

    def stop_retrying(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._stopped.set()
        self._endpoint.close()

    def _must_stop(self, pause: float, begun: float) -> bool:
        """Waits, unless that would be longer than items are kept, or there is no more retrying."""
        if pause <= 0:
            return False
        late = self._give_up is not None and time.monotonic() + pause - begun > self._give_up
        return late or self._stopped.wait(pause)

    def _taken(self, items: Sequence[T], outcome: Outcome) -> int:
        if outcome.result is ExportResult.FAILURE:  # it would refuse every batch alike
            self._outage.begin("refuses telemetry, which is dropped", outcome.reason)
            return 0
        if outcome.rejected:
            rejected = f"{outcome.rejected} of {len(items)}"
            self._outage.begin("rejects items it is sent", f"{rejected}, {outcome.reason}")
        else:
            self._outage.end(self.backlog)
        return max(0, len(items) - outcome.rejected)


def backoff() -> Iterator[float]:
    """The pauses between attempts, in seconds: each twice the one before, up to the longest."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)
