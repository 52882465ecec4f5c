"""Why a fault would strike a request, or why not: fault by fault, up to what was first amiss."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.prediction import (
    InForce,
    Outcome,
    Within,
    carrying,
    in_force,
    in_place_of,
    matches_so_far,
    outcome,
)
from chaos.engine.effect import Unready
from chaos.engine.journey import Journey
from chaos.engine.model import Fault
from chaos.engine.occasion import Occasion
from chaos.engine.values import Side
from chaos.engine.where import Match

Miss = tuple[str, str]
Text = Annotated[str, Field(max_length=500)]
Texts = Annotated[dict[Text, Text], Field(max_length=50)]
Row = dict[str, Any]
NOT_DRAWN: Row = {"fires": False, "draw": None, "rate": None}
GUESSED = "its hop is not known, so this is the draw of a request that begins here"


class Question(BaseModel):
    """A request at a place: "GET /auth", "INSERT orders", "send order.placed". `hop` says which
    call of the session's step it is; without one it is the session's last that matched there.
    """

    model_config = ConfigDict(extra="forbid")

    service: Text
    place: Text
    side: Side = "server"
    peer: Text = ""
    session: Text = ""
    step: Text = ""
    user: Text = ""
    hop: Text = ""
    attempt: Annotated[int, Field(ge=0, le=9999)] = 0
    header: Texts = Field(default_factory=dict)
    baggage: Texts = Field(default_factory=dict)
    attribute: Annotated[dict[Text, bool | int | float | str], Field(max_length=50)] = Field(
        default_factory=dict
    )
    fault: Any = None


def explain(control: Control, asked: Question, caller: Caller, tried: Fault | None) -> list[Row]:
    """For each fault that there is, and the one that is only tried: does it fire, and why."""
    there = in_force(control, caller)
    if tried is not None:
        there = [one for one in there if one.fault.id != tried.id]
        there.append(InForce(tried, "tried", tried.where.service, control.clock()))
    with Within(carrying(asked.session, asked.step, asked.user, asked.baggage)):
        return [told(control, asked, one, there) for one in there]


def told(control: Control, asked: Question, one: InForce, there: list[InForce]) -> Row:
    occasion, guessed = occasion_of(control, asked, one.fault)
    row = {"id": one.fault.id, "source": one.source}
    for path, why in misses(one, asked, occasion, there):
        return row | {"matched": False, "failed": path, "why": why, **NOT_DRAWN}
    whose = Journey(asked.session, asked.step, occasion.hop) if asked.session else None
    n = matches_so_far(control, asked.session, one.fault.id)
    found = outcome(control, one, occasion, whose, n)
    by_hop = one.fault.draw in {"attempt", "request"} and asked.session and asked.step
    why = in_words(found, one.fault) + (f"; {GUESSED}" if guessed and by_hop else "")
    return row | {"matched": True, "failed": None, "why": why, **asdict(found)}


def in_words(found: Outcome, fault: Fault) -> str:
    if found.draw is None:
        told = "one" if found.fires else "none"
        return f"its hits are {fault.hits}, and the next match is {told} of them"
    where = "below" if found.fires else "not below"
    return f"the draw {found.draw:.4f} is {where} the rate {found.rate:g}"


def occasion_of(control: Control, asked: Question, fault: Fault) -> tuple[Occasion, bool]:
    """The moment that is asked for, and whether its hop is a guess."""
    hop = asked.hop or last_hop(control, asked, fault)
    occasion = Occasion(
        asked.side,
        asked.place,
        asked.peer,
        header=asked.header.get,
        values=asked.attribute,
        hop=hop or asked.place.partition(" ")[2],
        attempt=asked.attempt,
        not_here=frozenset({Unready}),
    )
    return occasion, not hop


def last_hop(control: Control, asked: Question, fault: Fault) -> str:
    known = control.hits.last_step(asked.session, fault.id) if asked.session else []
    return next((one.hit.hop for one in known if one.hit.place == asked.place), "")


def misses(
    one: InForce, asked: Question, occasion: Occasion, there: list[InForce]
) -> Iterator[Miss]:
    """What of a fault does not hold there: the path in it, and a sentence."""
    fault = one.fault
    if one.service not in (None, asked.service):
        yield "where.service", f"it is for {one.service}, not for {asked.service}"
    yield from misplaced(fault, asked)
    if not occasion.can(fault.effect):
        yield "effect", f"{fault.effect.type} strikes no request"
    yield from not_meant(fault.where.match, asked)
    if not occasion.is_of(fault.where.match):
        yield "where.match.attribute", "an attribute is not what it asks for, or not known"
    if fault.key is not None and occasion.attribute(fault.key) is None:
        yield "key", f"it is drawn by the attribute {fault.key}, which is not known"
    for other in in_place_of(one, occasion, there):
        yield "instead_of", f"{other} stands in for it here"
    if fault.rate == 0 and fault.ramp is None:
        yield "rate", "its rate is 0"


def misplaced(fault: Fault, asked: Question) -> Iterator[Miss]:
    where = fault.where
    if where.side != asked.side:
        yield "where.side", f"it is for the side {where.side}, not for {asked.side}"
    if where.peer not in (None, asked.peer):
        yield "where.peer", f"it is for calls of {where.peer}, not of {asked.peer or 'nobody'}"
    if not where.is_at(asked.place, where.peer or ""):
        key = "operation" if where.route is None else "route"
        yield f"where.{key}", f"it is for {getattr(where, key)}, not for {asked.place}"


def not_meant(match: Match, asked: Question) -> Iterator[Miss]:
    if match.session not in (None, asked.session):
        yield "where.match.session", "it is for another session"
    if match.user not in (None, asked.user):
        yield "where.match.user", f"it is for the user {match.user}"
    for kind, wanted, found in (
        ("header", match.header, asked.header),
        ("baggage", match.baggage, asked.baggage),
    ):
        for name, value in wanted.items():
            if found.get(name) != value:
                yield f"where.match.{kind}.{name}", f"{name} is not {value!r}"
