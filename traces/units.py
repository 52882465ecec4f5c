"""Durations, counts and shares as people read them, and texts too long to be read."""


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
