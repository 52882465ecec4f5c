"""How long to wait before a crashed service is started again."""

from collections.abc import Sequence

WINDOW = 30.0
FIRST, MOST = 0.5, 10.0


def delay(crashes: Sequence[float], now: float) -> float:
    """Seconds to wait: none after the first crash within `WINDOW` seconds, then twice as long each
    time. `crashes` are the moments of all crashes so far, this one included."""
    recent = sum(1 for moment in crashes if now - moment < WINDOW)
    return 0.0 if recent <= 1 else min(MOST, FIRST * 2 ** min(recent - 2, 10))
