"""Pauses that grow while something stays away."""

from collections.abc import Iterator

FIRST, LONGEST = 0.1, 2.0


def growing(first: float = FIRST, longest: float = LONGEST) -> Iterator[float]:
    """Seconds to wait: each time twice as long, up to `longest`, without end."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)
