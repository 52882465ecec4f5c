"""Random faults, each with the place that an explanation should name.

The places are those that healthy traces of the shop go through, so that each fault is met. Left out
are effects that no trace of one request shows (`leak`, `unready`), that are for all of a process
(`cpu`, `rate_limit`, `crash`), that need a crowd (`pool`) or a second fault to be seen (bugs), and
those of messages, which are met in the trace of their consumer. The scenarios have some of these.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from traces.model import Kind, Span, Trace
from traces.semconv import value_of

Described = dict[str, Any]
EXCEPTIONS = ("KeyError", "RuntimeError", "TypeError", "ValueError", "ZeroDivisionError")


@dataclass(frozen=True, order=True)
class Place:
    """Where a fault is put: `peer` is who is called from there, `at` a route or an operation."""

    side: str
    service: str
    peer: str
    at: str


@dataclass(frozen=True)
class Trial:
    """A fault, and the journey that meets it."""

    id: str
    place: Place
    effect: Mapping[str, Any]
    journey: str

    @property
    def fault(self) -> Described:
        """Hidden: a real failure leaves no mark of what it is, either."""
        side, service, peer, at = (
            getattr(self.place, key) for key in ("side", "service", "peer", "at")
        )
        where = {"side": side, "service": service, "match": {"session": self.id}}
        if side == "client":
            where |= {"peer": peer, "route": at}
        elif side == "server":
            where |= {"route": at}
        elif side == "store":
            where |= {"operation": at}
        return {
            "id": f"explained-{self.id}",
            "where": where,
            "effect": dict(self.effect),
            "hidden": True,
            "ttl": "30m",
        }

    def __str__(self) -> str:
        place = self.place
        return f"{self.id} {self.effect} at {place.side} {place.service} {place.peer} {place.at}"


def places(healthy: Mapping[str, Iterable[Trace]]) -> dict[Place, str]:
    """Every place in the healthy traces of each journey, with the first journey that meets it."""
    found: dict[Place, str] = {}
    for journey, traces in healthy.items():
        for trace in traces:
            for span in trace.spans:
                if place := place_of(span):
                    found.setdefault(place, journey)
    return dict(sorted(found.items()))


def place_of(span: Span) -> Place | None:
    if span.kind is Kind.SERVER:
        return Place("server", span.service, "", span.name)
    if span.kind is not Kind.CLIENT:
        return None
    if system := value_of(span.attributes, "db.system.name"):
        return Place("store", span.service, str(system), span.name)
    peer = value_of(span.attributes, "service.peer.name")
    return Place("client", span.service, str(peer), span.name) if peer else None


def trials(known: Mapping[Place, str], count: int, seed: int) -> Sequence[Trial]:
    """The same for the same seed and the same places."""
    chance = random.Random(seed)  # noqa: S311 - repeatable
    made = []
    for number in range(count):
        side = chance.choice(("server", "client", "store"))
        place = chance.choice([one for one in known if one.side == side])
        effect = chance.choice(EFFECTS[side])(chance)
        made.append(Trial(f"explained-{seed}-{number:03d}", place, effect, known[place]))
    return made


def error(chance: random.Random) -> Described:
    return {"type": "error", "status": chance.choice((500, 502, 503, 504))}


def exception(chance: random.Random) -> Described:
    return {"type": "exception", "name": chance.choice(EXCEPTIONS), "message": "on purpose"}


def latency(chance: random.Random) -> Described:
    return {"type": "latency", "ms": chance.randrange(300, 1500)}


def late_answer(chance: random.Random) -> Described:
    return {**latency(chance), "position": "after"}


def hang(chance: random.Random) -> Described:
    return {"type": "hang", "max_s": chance.choice((1, 2, 3))}


def connect_error(chance: random.Random) -> Described:
    return {"type": "connect_error", "kind": chance.choice(("refused", "dns", "timeout"))}


def refused(_: random.Random) -> Described:
    return {"type": "connect_error"}


def reset(chance: random.Random) -> Described:
    return {"type": "reset", "position": chance.choice(("before", "after"))}


def truncate(_: random.Random) -> Described:
    return {"type": "truncate"}


def drip(chance: random.Random) -> Described:
    return {"type": "drip", "chunk_bytes": chance.choice((16, 64)), "interval_ms": 400}


def drop_context(_: random.Random) -> Described:
    return {"type": "drop_context"}


EFFECTS = {
    "server": (error, exception, latency, late_answer, hang, reset, truncate, drip),
    "client": (error, latency, late_answer, hang, connect_error, reset, drop_context),
    "store": (latency, hang, refused),
}
