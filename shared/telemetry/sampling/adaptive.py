"""About as many traces of every route: of busy routes a share is recorded, of rare ones all."""

import threading
import time
from math import exp

from shared.telemetry.sampling.rate_limiting import Clock
from shared.telemetry.sampling.rule import Rule, Verdict, among

MEMORY = 10.0  # seconds after which an arrival counts for a third of a new one
MOST_ROUTES = 1_000


class Arrivals:
    """How many per second there were lately, where lately fades out and does not end."""

    def __init__(self, now: float) -> None:
        self._since = self._at = now
        self._weight = 0.0

    def note(self, now: float) -> float:
        """Counts one more; answers the rate."""
        self._weight = self._weight * exp((self._at - now) / MEMORY) + 1
        self._at = now
        # The seconds that its memory covers so far, but at least one.
        covered = (1 - exp((self._since - now) / MEMORY)) * MEMORY
        return self._weight / max(1.0, covered)


class Adaptive(Rule):
    """Gives each route the probability that yields `target` traces per second at its present rate.

    Routes beyond the first thousand share one probability.
    """

    needs_name = True

    def __init__(self, target: float, clock: Clock = time.monotonic) -> None:
        self._target, self._clock = target, clock
        self._routes: dict[str, Arrivals] = {}
        self._lock = threading.Lock()

    def decide(self, trace_id: int, name: str) -> Verdict:
        with self._lock:
            now = self._clock()
            rate = self._arrivals(name, now).note(now)
        probability = min(1.0, self._target / rate)
        return Verdict(among(probability, trace_id), "adaptive", probability)

    def _arrivals(self, name: str, now: float) -> Arrivals:
        arrivals = self._routes.get(name)
        if arrivals is None:
            name = name if len(self._routes) < MOST_ROUTES else ""
            arrivals = self._routes.setdefault(name, Arrivals(now))
        return arrivals
