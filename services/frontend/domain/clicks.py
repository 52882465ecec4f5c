"""The last clicks of a browser: each with its trace, newest first, kept in a cookie."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

KEPT = 12
LONGEST = 60
FRESH = 20
TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
ENTRY = re.compile(r"([0-9a-f]{32})!(\d{3})!(\d{1,12})!([A-Z]{1,10})!([\w.%~-]{1,180})", re.ASCII)


@dataclass(frozen=True)
class Click:
    """A request of the browser, `at` seconds since the epoch."""

    trace_id: str
    method: str
    path: str
    status: int
    at: int

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    def written(self) -> str:
        # A browser keeps 4 kB of a cookie: at most 180 bytes for each path.
        path = quote(self.path[:LONGEST].encode("ascii", "replace"), safe="")
        return f"{self.trace_id}!{self.status}!{self.at}!{self.method}!{path}"


def read_clicks(text: str) -> tuple[Click, ...]:
    """Out of the cookie; what is not ours is left out."""
    found = (ENTRY.fullmatch(part) for part in text.split("|")[:KEPT])
    return tuple(
        Click(entry[1], entry[4], unquote(entry[5])[:LONGEST], int(entry[2]), int(entry[3]))
        for entry in found
        if entry
    )


def write_clicks(clicks: tuple[Click, ...]) -> str:
    return "|".join(click.written() for click in clicks[:KEPT])


def led_here(clicks: tuple[Click, ...], now: int) -> Click | None:
    """The click that led to the page asked for now: a form that was sent off, or a page that asked
    to log in first, answered a moment ago with "look over there".
    """
    last = clicks[0] if clicks else None
    return last if last and last.status == 303 and 0 <= now - last.at <= FRESH else None


def ago(at: int, now: int) -> str:
    """How long before now: `just now`, `12 s ago`, `3 min ago`, `2 h ago`."""
    seconds = now - at
    if seconds < 2:
        return "just now"
    if seconds < 60:
        return f"{seconds} s ago"
    return f"{seconds // 60} min ago" if seconds < 3600 else f"{seconds // 3600} h ago"
