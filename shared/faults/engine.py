"""Decides whether a fault strikes here and now."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from shared.faults.draw import draw
from shared.faults.model import Fault


@dataclass(frozen=True)
class Strike:
    """What is to happen: wait `delay` seconds, then answer with `status`, if there is one.

    `cause` is the fault that answers, or else the one that delays.
    """

    cause: Fault
    delay: float
    status: int | None


class Faults:
    """The faults of one service.

    The n-th time that a fault matches in the life of a process decides by `draw(seed, fault, n)`:
    the same seed and the same sequence of requests have the same outcomes, whatever the timing.
    """

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        active = [fault for fault in faults if fault.rate > 0]
        self._seed = seed
        self._matched: Counter[str] = Counter()
        self._server = tuple(fault for fault in active if fault.where.side == "server")
        self._client = tuple(fault for fault in active if fault.where.side == "client")

    def on_request(self, method: str, route: str) -> Strike | None:
        """What strikes a request to this service, by its method and route template."""
        if not self._server:
            return None
        place = f"{method} {route}"
        return self._decide([f for f in self._server if f.where.route in (None, place)])

    def on_call(self, peer: str) -> Strike | None:
        """What strikes a call of this service to `peer`."""
        if not self._client:
            return None
        return self._decide([f for f in self._client if f.where.peer in (None, peer)])

    def _decide(self, matching: list[Fault]) -> Strike | None:
        fired = [fault for fault in matching if self._fires(fault)]
        if not fired:
            return None
        cause = next((fault for fault in fired if fault.effect.status is not None), fired[0])
        delay = sum(fault.effect.latency_ms for fault in fired) / 1000
        return Strike(cause, delay, cause.effect.status)

    def _fires(self, fault: Fault) -> bool:
        n = self._matched[fault.id]
        self._matched[fault.id] = n + 1
        return draw(self._seed, "fire", fault.id, n) < fault.rate
