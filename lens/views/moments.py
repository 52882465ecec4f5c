"""Moments and sizes as people read them."""

from datetime import UTC, datetime

from traces.units import digits, plural


def size(octets: int) -> str:
    if octets < 1_000:
        return f"{octets} B"
    for unit, step in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if octets < step * 999.5 or unit == "GB":
            break
    return f"{digits(octets / step)} {unit}"


def moment(ns: int) -> datetime:
    """The time in the zone of this machine; what a clock cannot show is the epoch."""
    try:
        return datetime.fromtimestamp(ns / 1e9, UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def clock(ns: int) -> str:
    return moment(ns).strftime("%H:%M:%S.") + f"{ns // 1_000_000 % 1000:03d}"


def day(ns: int) -> str:
    return moment(ns).strftime("%Y-%m-%d")


def ago(ns: int, now_ns: int) -> str:
    """How long before now: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 days ago`."""
    seconds = (now_ns - ns) // 1_000_000_000
    if seconds < 2:
        return "just now"
    for limit, step, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // step} {unit} ago"
    return f"{plural(seconds // 86_400, 'day')} ago"
