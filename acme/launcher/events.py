"""The launcher's event loop: file descriptors, timers and signals in one thread.

Not asyncio, because the launcher forks: a child must not inherit a running loop.
"""

import heapq
import itertools
import selectors
import signal
import socket
import time
from collections.abc import Callable

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
Action = Callable[[], object]


class Events:
    """Calls back when something happens; `run` returns after `end`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._signals: dict[int, Action] = {}
        self._ended = False
        self._woken, self._wake = socket.socketpair()
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self.watch(self._woken.fileno(), READ, self._signalled)

    def watch(self, descriptor: int, event: int, action: Action) -> None:
        """Calls `action` whenever `descriptor` can be read or written; one watch per descriptor."""
        self._selector.register(descriptor, event, action)

    def forget(self, descriptor: int) -> None:
        self._selector.unregister(descriptor)

    def later(self, seconds: float, action: Action) -> None:
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), action))

    def on_signal(self, number: signal.Signals, action: Action) -> None:
        """Calls `action` from the loop, not from within whatever the signal interrupts; a hang-up
        that is ignored, as under nohup, stays ignored."""
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            return
        self._signals[number] = action
        signal.signal(number, lambda *_: None)

    def end(self) -> None:
        self._ended = True

    def run(self) -> None:
        self._ended = False
        while not self._ended:
            self._once()

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._woken.close()
        self._wake.close()

    def _once(self) -> None:
        wait = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None
        for key, _ in self._selector.select(wait):
            if self._selector.get_map().get(key.fd) is key:  # not forgotten a moment ago
                action: Action = key.data
                action()
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()

    def _signalled(self) -> None:
        for number in self._woken.recv(4096):
            if number in self._signals:
                self._signals[number]()
