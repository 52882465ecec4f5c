"""Moments: seconds since the epoch inside, RFC 3339 text at the edge."""

from datetime import UTC, datetime


def rfc3339(seconds: float) -> str:
    """0 is 1970-01-01T00:00:00.000Z: always as long, so that sorted texts are sorted moments."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
