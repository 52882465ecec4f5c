"""A circuit breaker: whoever keeps failing is left alone for a while."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from shared.errors import BreakerOpen, ShopError, UpstreamError

FAILURES, SECONDS = 5, 2.0
MOST_KEYS = 1000


@dataclass
class Circuit:
    """`failures` are those in a row; `opened` says when it opened, None while it is closed."""

    failures: int = 0
    opened: float | None = None
    probed: bool = False


class Breaker:
    """Opens after so many `failures` in a row. For `seconds` nothing passes; then one call at a
    time may try whether it is over, and closes it or opens it anew.

    Each key has a circuit of its own, so that what is aimed at one person opens it for nobody else.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        seconds: float = SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._failures, self._seconds, self._clock = failures, seconds, clock
        self._circuits: OrderedDict[str, Circuit] = OrderedDict()

    def state(self, key: str = "") -> Literal["closed", "open", "half-open"]:
        circuit = self._circuits.get(key)
        if circuit is None or circuit.opened is None:
            return "closed"
        return "open" if self._left(circuit.opened) > 0 else "half-open"

    @contextmanager
    def guarding(self, key: str = "") -> Iterator[None]:
        """Around one call. Raises BreakerOpen where it must not be made; an UpstreamError says that
        it failed, every other answer that it did not.
        """
        circuit = self._of(key)
        is_probe = self._admitted(circuit)
        try:
            yield
        except UpstreamError:
            self._failed(circuit, is_probe)
            raise
        except ShopError:
            self._answered(circuit, is_probe)
            raise
        else:
            self._answered(circuit, is_probe)
        finally:
            circuit.probed = circuit.probed and not is_probe

    def _of(self, key: str) -> Circuit:
        circuit = self._circuits.setdefault(key, Circuit())
        self._circuits.move_to_end(key)
        if len(self._circuits) > MOST_KEYS:
            self._circuits.popitem(last=False)
        return circuit

    def _admitted(self, circuit: Circuit) -> bool:
        """Whether the call is a probe. Raises BreakerOpen when it is not to be made at all."""
        if circuit.opened is None:
            return False
        left = self._left(circuit.opened)
        if left > 0 or circuit.probed:
            message = f"it failed {self._failures} times in a row, and is left alone for a while"
            raise BreakerOpen(message)
        circuit.probed = True
        return True

    def _left(self, opened: float) -> float:
        return opened + self._seconds - self._clock()

    # A call that was made before it opened says nothing of now, and only the probe decides.

    def _failed(self, circuit: Circuit, is_probe: bool) -> None:
        if circuit.opened is None or is_probe:
            circuit.failures += 1
            if is_probe or circuit.failures >= self._failures:
                circuit.opened = self._clock()

    def _answered(self, circuit: Circuit, is_probe: bool) -> None:
        if circuit.opened is None or is_probe:
            circuit.failures, circuit.opened = 0, None
