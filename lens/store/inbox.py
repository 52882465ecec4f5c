"""What waits to be written: a bounded queue, so that a flood does not fill the memory."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from traces.model import LogLine, Span

MAX_ITEMS = 16_384
MAX_BYTES = 32 * 1024 * 1024
COMMIT_ITEMS = 512
COMMIT_SECONDS = 0.1


@dataclass
class Batch:
    """Everything taken at once; `pins` are ids of traces to be pinned (True) or no longer; `ticket`
    is the number of the last offer in it.
    """

    spans: list[Span] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    pins: dict[str, bool] = field(default_factory=dict)
    size: int = 0
    ticket: int = 0

    def __len__(self) -> int:
        return len(self.spans) + len(self.lines) + len(self.pins)

    def halves(self) -> "tuple[Batch, Batch]":
        spans, lines, size = len(self.spans) // 2, len(self.lines) // 2, self.size // 2
        if not spans and not lines:  # one of each
            spans = len(self.spans)
        return (
            Batch(self.spans[:spans], self.lines[:lines], {}, size, self.ticket),
            Batch(self.spans[spans:], self.lines[lines:], self.pins, size, self.ticket),
        )


class Inbox:
    """Takes offers from any thread and hands them to the one that writes."""

    def __init__(self, max_items: int = MAX_ITEMS, max_bytes: int = MAX_BYTES) -> None:
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._batch = Batch()
        self._since = 0.0
        self._hurried = False
        self.offered = 0
        self.closed = False

    @property
    def full(self) -> bool:
        # One offer may overshoot: a body larger than the whole inbox must still get in.
        return len(self._batch) >= self._max_items or self._batch.size >= self._max_bytes

    def put(self, spans: Sequence[Span], lines: Sequence[LogLine], size: int) -> bool:
        """Takes the offer, which came in `size` bytes; False if the inbox is full or closed."""
        with self._changed:
            if self.full or self.closed:
                return False
            if not self._batch:
                self._since = time.monotonic()
            self._batch.spans.extend(spans)
            self._batch.lines.extend(lines)
            self._batch.size += size
            self.offered += 1
            self._changed.notify()
            return True

    def put_pin(self, trace_id: str, pinned: bool) -> None:
        """Takes the wish to pin a trace, or no longer; never refused, since there are few."""
        with self._changed:
            if not self._batch:
                self._since = time.monotonic()
            self._batch.pins[trace_id] = pinned
            self.offered += 1
            self._changed.notify()

    def take(self) -> Batch | None:
        """Waits for a commit's worth or a tenth of a second; None when closed and empty."""
        with self._changed:
            while not self._due():
                self._changed.wait(self._patience())
            if self.closed and not self._batch:
                return None
            batch, self._batch = self._batch, Batch()
            batch.ticket = self.offered
            self._hurried = False
            return batch

    def hurry(self) -> None:
        """Lets what waits be taken at once."""
        with self._changed:
            self._hurried = True
            self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify()

    def wait_closed(self, seconds: float) -> bool:
        """Whether the inbox is closed, now or within `seconds`; for the thread that writes."""
        with self._changed:
            return self._changed.wait_for(lambda: self.closed, seconds)

    def _due(self) -> bool:
        return (
            self.closed
            or self._hurried
            or len(self._batch) >= COMMIT_ITEMS
            or (len(self._batch) > 0 and self._patience() == 0)
        )

    def _patience(self) -> float | None:
        if not self._batch:
            return None
        return max(0.0, self._since + COMMIT_SECONDS - time.monotonic())
