"""Moments and sizes as people read them."""

from datetime import UTC, datetime, timedelta

from traces.units import digits, plural

# Clocks of two machines may disagree by a moment.
AHEAD_S = 2


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


def zone(ns: int) -> str:
    """The time zone of this machine at that time: `UTC`, `UTC+2`, `UTC-3:30`."""
    offset = moment(ns).utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "-" if offset < timedelta() else "+"
    return "UTC" if not offset else f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def ago(ns: int, now_ns: int) -> str:
    """How long before now: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 days ago`; what is
    not yet is `in the future`.
    """
    seconds = (now_ns - ns) // 1_000_000_000
    if seconds < -AHEAD_S:
        return "in the future"
    if seconds < 2:
        return "just now"
    for limit, step, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // step} {unit} ago"
    return f"{plural(seconds // 86_400, 'day')} ago"
