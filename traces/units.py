"""Durations, counts, shares and lists as people read them, and texts too long to be read."""

from collections.abc import Iterable

MOST_LISTED = 4


def duration(ns: float) -> str:
    """Three digits and a unit, or two units: `12.3 µs`, `812 ms`, `2 min 5 s`, `3 days 2 h`."""
    if ns < 1_000:
        return f"{ns:.0f} ns"
    for size, unit in ((1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")):
        if ns < size * 999.5 or unit == "s":
            break
    if ns >= 59_950_000_000:
        return long_duration(round(ns / 1_000_000_000))
    return f"{digits(ns / size)} {unit}"


def long_duration(seconds: int) -> str:
    """The two largest units of a minute or more."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [
        (days, plural(days, "day")),
        (hours, f"{hours} h"),
        (minutes, f"{minutes} min"),
        (seconds, f"{seconds} s"),
    ]
    first = next(at for at, (number, _) in enumerate(parts) if number)
    return " ".join(words for number, words in parts[first : first + 2] if number)


def digits(value: float) -> str:
    """At most three digits that matter, without trailing zeros: 1.25, 12.3, 812."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def count(number: int) -> str:
    return f"{number:,}"


def plural(number: int, noun: str, many: str = "") -> str:
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def share(part: float, whole: float) -> str:
    """`20 %`; what is there but tiny is `<1 %`, never 0."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 1:
        return "<1 %"
    if 99 < percent < 100:
        return "99 %"
    return f"{percent:.0f} %"


def shortened(text: str, most: int = 160) -> str:
    """The text, or its beginning with an ellipsis, in at most that many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 7 more`."""
    shown = list(names)
    if len(shown) > MOST_LISTED:
        shown = [*shown[: MOST_LISTED - 1], f"{len(shown) - MOST_LISTED + 1} more"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))
