"""The launcher's standard output, written without ever waiting for its reader.

A paused terminal or a slow pipe must not stop the shop: lines wait here, and when too many wait the
oldest are dropped and counted.
"""

import os
import select
from collections import deque
from collections.abc import Callable

from acme.launcher.events import WRITE, Events

MOST_LINES = 10_000
PIECE = select.PIPE_BUF  # what a pipe that is ready takes without blocking


class Output:
    """Lines to a file descriptor, written when the event loop says that it can take more."""

    def __init__(self, descriptor: int, events: Events) -> None:
        self._descriptor = descriptor
        self._events = events
        self._when_closed: Callable[[], None] | None = None
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self._watching = False
        self._closed = False

    def on_closed(self, action: Callable[[], None]) -> None:
        """Has `action` called, once, when nobody reads any more."""
        self._when_closed = action

    def line(self, text: str) -> None:
        if self._closed:
            return
        self._lines.append(text.encode(errors="replace") + b"\n")
        if len(self._lines) > MOST_LINES:
            del self._lines[1]  # the first may be half written
            self._dropped += 1
        if not self._watching:
            self._write()

    def drain(self, seconds: float) -> None:
        """Writes what waits, for at most `seconds` without progress."""
        while self._lines and not self._closed and self._ready(seconds):
            self._write()

    def _ready(self, seconds: float = 0) -> bool:
        return bool(select.select([], [self._descriptor], [], seconds)[1])

    def _write(self) -> None:
        try:
            while self._lines and self._ready():
                self._write_piece()
        except OSError:  # the pipe has no reader, or the terminal is gone
            self._close()
            return
        self._watch(bool(self._lines))

    def _write_piece(self) -> None:
        piece = self._lines[0][:PIECE]
        written = os.write(self._descriptor, piece)
        rest = self._lines[0][written:]
        if rest:
            self._lines[0] = rest
            return
        self._lines.popleft()
        if self._dropped and not self._lines:
            lost, self._dropped = self._dropped, 0
            self._lines.append(f"{lost} lines were dropped: nobody read them.\n".encode())

    def _watch(self, wanted: bool) -> None:
        if wanted and not self._watching:
            self._events.watch(self._descriptor, WRITE, self._write)
        elif self._watching and not wanted:
            self._events.forget(self._descriptor)
        self._watching = wanted

    def _close(self) -> None:
        self._watch(False)
        self._closed = True
        self._lines.clear()
        if self._when_closed:
            self._when_closed()
