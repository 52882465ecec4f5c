"""Where a fault may be injected: a place in the shop, and the calls that led there.

The edge of the shop says in baggage whose session a request is of and which step of it; from there
on each call adds a hop. None of this depends on the time, or on the ids of a trace: so what is
drawn for it can be repeated.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextvars import Token
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from opentelemetry import baggage, trace
from opentelemetry import context as otel
from opentelemetry.context import Context

from chaos.engine.effect import ON_SIDE
from chaos.engine.model import Match
from chaos.engine.values import Part, Side
from shared.session import SESSION, STEP, USER

HOP = "x-acmeshop-hop"
LONGEST: Final = 200
HEADER = re.compile(r"([0-9a-f]{16})/([0-9]{1,4})")
CALL_PATH = otel.create_key("acmeshop-call-path")


@dataclass(frozen=True)
class CallPath:
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


def current() -> CallPath | None:
    """The call path of the current request; None when the baggage names no session."""
    found = otel.get_value(CALL_PATH)
    return found if isinstance(found, CallPath) else None


def arrived(find: Callable[[str], str | None], place: str) -> CallPath | None:
    """The call path in the current baggage and the header of the hop, which `find` finds;
    without a header it begins at `place`.
    """
    session = baggage.get_baggage(SESSION)
    if not isinstance(session, str) or not session:
        return None
    step = str(baggage.get_baggage(STEP) or "")[:LONGEST]
    if (found := HEADER.fullmatch(find(HOP) or "")) is None:
        return CallPath(session[:LONGEST], step, place)
    return CallPath(session[:LONGEST], step, found[1], int(found[2]))


def entered(path: CallPath) -> Token[Context]:
    """Makes it the current one, until it is left again by `opentelemetry.context.detach`."""
    return otel.attach(otel.set_value(CALL_PATH, path))


def hop_header(hop: str, attempt: int) -> str:
    """The value of the header that gives a callee its hop."""
    return f"{hop}/{min(attempt, 9999)}"


def no_header(_name: str) -> str | None:
    return None


@dataclass(frozen=True)
class InjectionPoint:
    """`place` is what the span is named there: "GET /auth", "INSERT orders", "send order.placed".

    `header` finds a request's header, `values` are known beside the attributes of the current
    span, and `hop` and `attempt` say which call of the current request it is.
    """

    side: Side
    place: str
    peer: str = ""
    header: Callable[[str], str | None] = no_header
    values: Mapping[str, Any] = field(default_factory=dict)
    hop: str = ""
    attempt: int = 0
    not_here: frozenset[type[Part]] = frozenset()

    def can(self, effect: Part) -> bool:
        kind = type(effect)
        return kind in ON_SIDE[self.side] and kind not in self.not_here

    def attribute(self, name: str) -> Any:
        """The value with that name; None when it is not known here, or not yet."""
        if name in self.values:
            return self.values[name]
        attributes = getattr(trace.get_current_span(), "attributes", None) or {}
        return attributes.get(name)

    def is_of(self, wanted: Match) -> bool:
        """Whether the current request is one of those that are meant."""
        return (
            wanted.session in (None, baggage.get_baggage(SESSION))
            and wanted.user in (None, baggage.get_baggage(USER))
            and all(self.header(name) == value for name, value in wanted.header.items())
            and all(baggage.get_baggage(name) == value for name, value in wanted.baggage.items())
            and all(same(self.attribute(name), v) for name, v in wanted.attribute.items())
        )


def same(found: object, wanted: object) -> bool:
    """Whether they are written alike: a path has texts where a description has numbers."""
    return found is not None and str(found) == str(wanted)
