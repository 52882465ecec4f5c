"""At most so many traces per second."""

import threading
import time
from collections.abc import Callable

from shared.telemetry.sampling.rule import Rule, Verdict

Clock = Callable[[], float]


class TokenBucket:
    """Gains `rate` tokens per second and holds those of one second, but never less than one."""

    def __init__(self, rate: float, clock: Clock = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._size = self._tokens = max(rate, 1.0) if rate > 0 else 0.0
        self._at = clock()
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Takes a token, if there is one."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
            self._at = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class RateLimiting(Rule):
    """The first traces of every second, whichever they are."""

    def __init__(self, rate: float, clock: Clock = time.monotonic) -> None:
        self._rate, self._bucket = rate, TokenBucket(rate, clock)

    def decide(self, trace_id: int, name: str) -> Verdict:  # noqa: ARG002 - any trace
        return Verdict(self._bucket.take(), "ratelimiting", self._rate)
