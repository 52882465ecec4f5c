"""What is said on every page while something fails on purpose for whoever looks at it."""

MINUTE, HOUR = 60, 3600


def clock(seconds: int) -> str:
    """The time that is left, as a clock shows it."""
    hours, rest = divmod(seconds, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
