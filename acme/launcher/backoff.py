"""How long to wait before a crashed service is started again."""

STEADY = 10.0
FIRST, MOST = 0.5, 10.0


class Backoff:
    """No wait after a first crash, then twice as long with each one; a service that has lived for
    `STEADY` seconds starts over."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def wait(self, lived: float) -> float:
        """Seconds to wait before the next start, after a life of `lived` seconds."""
        self._in_a_row = 1 if lived >= STEADY else self._in_a_row + 1
        doubled = min(self._in_a_row - 2, 10)
        return min(MOST, FIRST * 2.0**doubled) if doubled >= 0 else 0.0
