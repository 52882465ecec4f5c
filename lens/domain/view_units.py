"""Numbers as people read them: durations, counts, sizes, moments; and durations as typed."""

from datetime import UTC, datetime

from lens.domain.durations import nanoseconds

LONGEST_NS = 2**62


def parse_duration(text: str) -> int | None:
    """Nanoseconds of `100ms`, `1.5 s`, `1m 30s`; None when the text is no such duration."""
    try:
        found = nanoseconds("".join(text.lower().split()))
    except ValueError:
        return None
    return min(found, LONGEST_NS) if found >= 0 else None


def duration(ns: float) -> str:
    """Three digits and a unit: `640 ns`, `12.3 µs`, `812 ms`, `1.25 s`, `2 min 5 s`."""
    if ns < 1_000:
        return f"{ns:.0f} ns"
    for size, unit in ((1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")):
        if ns < size * 999.5 or unit == "s":
            break
    if ns >= 59_950_000_000:
        minutes, seconds = divmod(round(ns / 1_000_000_000), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
    return f"{digits(ns / size)} {unit}"


def digits(value: float) -> str:
    """At most three digits that matter, without trailing zeros: 1.25, 12.3, 812."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def count(number: int) -> str:
    return f"{number:,}"


def plural(number: int, noun: str, many: str = "") -> str:
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def size(octets: int) -> str:
    if octets < 1_000:
        return f"{octets} B"
    for unit, step in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if octets < step * 999.5 or unit == "GB":
            break
    return f"{digits(octets / step)} {unit}"


def share(part: float, whole: float) -> str:
    """`20 %`; what is there but tiny is `<1 %`, never 0."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "<1 %"
    if 99 < percent < 100:
        return "99 %"
    return f"{percent:.0f} %"


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
