"""Durations as Go writes them, `1.5s`, `100ms`, `1h30m`, `-2us`, and days, which Go lacks: `2d`."""

import re
from decimal import Decimal

UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
    "d": 86_400_000_000_000,
}
PART = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(ns|us|µs|μs|ms|s|m|h|d)")
LONGEST_NS = 2**62
WHOLE = re.compile(rf"([+-]?)((?:{PART.pattern})+)")


def nanoseconds(text: str) -> int:
    """The duration in nanoseconds; raises ValueError when it is not one."""
    if text.strip() in ("0", "+0", "-0"):
        return 0
    found = WHOLE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text} is not a duration such as 1.5s or 100ms")
    parts = PART.findall(found[2])
    total = sum(int(Decimal(number) * UNITS[unit]) for number, unit in parts)
    return -total if found[1] == "-" else total


def parse_duration(text: str) -> int | None:
    """Nanoseconds of `100ms`, `1.5 s`, `1m 30s`; None when the text is no such duration."""
    try:
        found = nanoseconds("".join(text.lower().split()))
    except ValueError:
        return None
    return min(found, LONGEST_NS) if found >= 0 else None
