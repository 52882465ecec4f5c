"""Where in whose clicks a request stands: what a draw is made for, so that it can be repeated.

The edge of the shop says in baggage whose session it is and which step of it; from there on each
call adds a hop. None of this depends on the time, or on the ids of a trace.
"""

import re
from collections import Counter
from collections.abc import Callable
from contextvars import Token
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.context import Context

from shared.session import SESSION, STEP

HOP = "x-acmeshop-hop"
LONGEST: Final = 200
TOLD = re.compile(r"([0-9a-f]{16})/([0-9]{1,4})")
JOURNEY = otel.create_key("acmeshop-journey")


@dataclass(frozen=True)
class Journey:
    """A request on its way: `hop` is a hash of all the calls that led to it, `attempt` how often
    it was sent before. `calls` counts the calls that it makes itself.
    """

    session: str
    step: str = ""
    hop: str = ""
    attempt: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def next_hop(self, callee: str, place: str) -> str:
        """The hop of the next call of that kind. Counted when it is made, not when it is answered:
        so calls that run at the same time have the same hops each time.
        """
        what = f"{callee} {place}"
        self.calls[what] += 1
        text = "\x1f".join((self.hop, what, str(self.calls[what])))
        return blake2b(text.encode(), digest_size=8).hexdigest()


def current() -> Journey | None:
    """The journey of the request in hand; None when nobody said whose it is."""
    found = otel.get_value(JOURNEY)
    return found if isinstance(found, Journey) else None


def arrived(find: Callable[[str], str | None], place: str) -> Journey | None:
    """The journey that the current baggage tells of, and the header of its hop, which `find` finds;
    without one it begins at `place`.
    """
    session = baggage.get_baggage(SESSION)
    if not isinstance(session, str) or not session:
        return None
    step = str(baggage.get_baggage(STEP) or "")[:LONGEST]
    if (found := TOLD.fullmatch(find(HOP) or "")) is None:
        return Journey(session[:LONGEST], step, place)
    return Journey(session[:LONGEST], step, found[1], int(found[2]))


def entered(journey: Journey) -> Token[Context]:
    """Makes it the current one, until it is left again by `opentelemetry.context.detach`."""
    return otel.attach(otel.set_value(JOURNEY, journey))


def told(hop: str, attempt: int) -> str:
    """The header that tells a callee of its hop."""
    return f"{hop}/{min(attempt, 9999)}"
