"""Would a fault fire in a request: fault by fault, with the first condition that fails."""

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
    matches_so_far,
    outcome,
    replacements,
)
from chaos.engine.effect import Unready
from chaos.engine.injection_point import CallPath, InjectionPoint
from chaos.engine.model import Fault, Match
from chaos.engine.values import Side

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


def explain(control: Control, question: Question, caller: Caller, tried: Fault | None) -> list[Row]:
    """For each fault in force, and the one that is only tried: does it fire, and why."""
    active = in_force(control, caller)
    if tried is not None:
        active = [one for one in active if one.fault.id != tried.id]
        active.append(InForce(tried, "tried", tried.where.service, control.clock()))
    with Within(carrying(question.session, question.step, question.user, question.baggage)):
        return [row_of(control, question, one, active) for one in active]


def row_of(control: Control, question: Question, one: InForce, active: list[InForce]) -> Row:
    occasion, guessed = occasion_of(control, question, one.fault)
    row = {"id": one.fault.id, "source": one.source}
    for path, why in misses(one, question, occasion, active):
        return row | {"matched": False, "failed": path, "why": why, **NOT_DRAWN}
    whose = CallPath(question.session, question.step, occasion.hop) if question.session else None
    n = matches_so_far(control, question.session, one.fault.id)
    found = outcome(control, one, occasion, whose, n)
    by_hop = one.fault.draw in {"attempt", "request"} and question.session and question.step
    why = in_words(found, one.fault) + (f"; {GUESSED}" if guessed and by_hop else "")
    return row | {"matched": True, "failed": None, "why": why, **asdict(found)}


def in_words(found: Outcome, fault: Fault) -> str:
    if found.draw is None:
        among = "one" if found.fires else "none"
        return f"its hits are {fault.hits}, and the next match is {among} of them"
    where = "below" if found.fires else "not below"
    return f"the draw {found.draw:.4f} is {where} the rate {found.rate:g}"


def occasion_of(control: Control, question: Question, fault: Fault) -> tuple[InjectionPoint, bool]:
    """The injection point of the question, and whether its hop is a guess."""
    hop = question.hop or last_hop(control, question, fault)
    occasion = InjectionPoint(
        question.side,
        question.place,
        question.peer,
        header=question.header.get,
        values=question.attribute,
        hop=hop or question.place.partition(" ")[2],
        attempt=question.attempt,
        not_here=frozenset({Unready}),
    )
    return occasion, not hop


def last_hop(control: Control, question: Question, fault: Fault) -> str:
    known = control.hits.last_step(question.session, fault.id) if question.session else []
    return next((one.hit.hop for one in known if one.hit.place == question.place), "")


def misses(
    one: InForce, question: Question, occasion: InjectionPoint, active: list[InForce]
) -> Iterator[Miss]:
    """The conditions of a fault that fail there: the path of each, and a sentence."""
    fault = one.fault
    if one.service not in (None, question.service):
        yield "where.service", f"it is for {one.service}, not for {question.service}"
    yield from misplaced(fault, question)
    if not occasion.can(fault.effect):
        yield "effect", f"{fault.effect.type} does not affect requests"
    yield from unmatched(fault.where.match, question)
    if not occasion.is_of(fault.where.match):
        yield "where.match.attribute", "an attribute has another value, or is not known"
    if fault.key is not None and occasion.attribute(fault.key) is None:
        yield "key", f"it is drawn by the attribute {fault.key}, which is not known"
    for other in replacements(one, occasion, active):
        yield "instead_of", f"{other} replaces it here"
    if fault.rate == 0 and fault.ramp is None:
        yield "rate", "its rate is 0"


def misplaced(fault: Fault, question: Question) -> Iterator[Miss]:
    where = fault.where
    if where.side != question.side:
        yield "where.side", f"it is for the side {where.side}, not for {question.side}"
    if where.peer not in (None, question.peer):
        yield "where.peer", f"it is for calls of {where.peer}, not of {question.peer or 'no peer'}"
    if not where.is_at(question.place, where.peer or ""):
        key = "operation" if where.route is None else "route"
        yield f"where.{key}", f"it is for {getattr(where, key)}, not for {question.place}"


def unmatched(match: Match, question: Question) -> Iterator[Miss]:
    if match.session not in (None, question.session):
        yield "where.match.session", "it is for another session"
    if match.user not in (None, question.user):
        yield "where.match.user", f"it is for the user {match.user}"
    for kind, wanted, found in (
        ("header", match.header, question.header),
        ("baggage", match.baggage, question.baggage),
    ):
        for name, value in wanted.items():
            if found.get(name) != value:
                yield f"where.match.{kind}.{name}", f"{name} is not {value!r}"
