"""What a browser's cookies say: who is here, which session the clicks belong to and the sequence
number of each, and the last clicks with their traces. It is no proof: the gateway has auth
check that.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from shared.session import SESSION_ID

USER_ID = re.compile(r"[0-9a-f]{24}")
DEMO = ("eric", "phoebe", "dwight", "han", "elaine", "walter")
LONGEST_NAME = 64
WRITTEN = re.compile(rf"({SESSION_ID})\.([0-9]{{1,9}})")
PLAN = re.compile(r"[A-Za-z0-9._~-]{1,64}")
MOST_SESSIONS = 10_000
KEPT = 12
LONGEST_PATH = 60
FRESH = 20
TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
ENTRY = re.compile(r"([0-9a-f]{32})!(\d{3})!(\d{1,12})!([A-Z]{1,10})!([\w.%~-]{1,180})", re.ASCII)


@dataclass(frozen=True)
class User:
    id: str
    username: str
    name: str

    def written(self) -> str:
        """As it stands in the cookie."""
        return "!".join((self.id, quote(self.username, safe=""), quote(self.name, safe="")))

    @classmethod
    def read(cls, text: str) -> "User | None":
        """Out of the cookie; None when it is not one of ours."""
        parts = text.split("!")
        if len(parts) != 3 or not USER_ID.fullmatch(parts[0]):
            return None
        username, name = (unquote(part)[:LONGEST_NAME] for part in parts[1:])
        return cls(parts[0], username, name or username)


@dataclass(frozen=True)
class Session:
    """`step` counts the clicks; `plan` names faults that this browser chose."""

    id: str
    step: int = 0
    plan: str = ""

    @classmethod
    def read(cls, text: str, plan: str = "") -> "Session | None":
        """Out of the cookies; None when it is not one of ours."""
        found = WRITTEN.fullmatch(text)
        return cls(found[1], int(found[2]), plan_in(plan)) if found else None

    def written(self) -> str:
        """As it stands in the cookie."""
        return f"{self.id}.{self.step}"

    def restarted(self) -> "Session":
        """The same before its first step: from there on the same clicks meet the same faults."""
        return replace(self, step=0)


class Steps:
    """The last step of each session, for when an answer with a newer cookie never arrived: who
    opens the page again has clicked again.
    """

    def __init__(self) -> None:
        self._reached: OrderedDict[str, int] = OrderedDict()

    def now(self, session: Session) -> Session:
        """The session with the step that it is at."""
        reached = self._reached.get(session.id, 0) if session.step else 0
        return replace(session, step=max(session.step, reached))

    def next(self, session: Session) -> Session:
        """The session one step further; after a restart that is the first."""
        here = self.now(session)
        here = replace(here, step=here.step + 1)
        self._reached[here.id] = here.step
        self._reached.move_to_end(here.id)
        if len(self._reached) > MOST_SESSIONS:
            self._reached.popitem(last=False)
        return here


def plan_in(text: str) -> str:
    """The name of a plan, if it is one."""
    return text if PLAN.fullmatch(text) else ""


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
        path = quote(self.path[:LONGEST_PATH].encode("ascii", "replace"), safe="")
        return f"{self.trace_id}!{self.status}!{self.at}!{self.method}!{path}"


def read_clicks(text: str) -> tuple[Click, ...]:
    """Out of the cookie; what is not ours is left out."""
    found = (ENTRY.fullmatch(part) for part in text.split("|")[:KEPT])
    return tuple(
        Click(entry[1], entry[4], unquote(entry[5])[:LONGEST_PATH], int(entry[2]), int(entry[3]))
        for entry in found
        if entry
    )


def write_clicks(clicks: tuple[Click, ...]) -> str:
    return "|".join(click.written() for click in clicks[:KEPT])


def led_here(clicks: tuple[Click, ...], now: int) -> Click | None:
    """The click that led to the page opened now: a form that was sent off, or a page that wanted
    a login first, answered a moment ago with "look over there".
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
