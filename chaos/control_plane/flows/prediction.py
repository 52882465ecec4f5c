"""What a fault would do, by the engine's own rules: now, and in a session's next clicks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry import baggage
from opentelemetry import context as otel
from opentelemetry.context import Context

from chaos.control_plane.domain.hits import RecordedHit
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.engine.engine import draw, key_of, stands_in
from chaos.engine.injection_point import CallPath, InjectionPoint
from chaos.engine.model import Fault
from shared.session import SESSION, STEP, USER


@dataclass(frozen=True)
class InForce:
    """A fault in force: for which service, since when and from where."""

    fault: Fault
    source: str
    service: str | None
    since: float


@dataclass(frozen=True)
class Outcome:
    """`draw` is below `rate` when it fires; hits that are named are not drawn."""

    fires: bool
    draw: float | None = None
    rate: float | None = None


def in_force(control: Control, caller: Caller) -> list[InForce]:
    """All faults that can fire now, with the default faults, as far as the caller may see them."""
    hidden = caller.sees_hidden
    applied = [
        InForce(entry.fault, entry.source, entry.fault.where.service, entry.since)
        for entry in control.entries(hidden=hidden)
        if not control.book.is_shadowed(entry)
    ]
    own = [
        InForce(own.fault, own.source, service, control.clock())
        for service, own in control.book.own()
        if control.book.rests(own, hidden=hidden) is None
    ]
    return applied + own


def replacements(one: InForce, occasion: InjectionPoint, active: Iterable[InForce]) -> list[str]:
    """The ids of the faults that replace this one at an injection point."""
    others = (other.fault for other in active if stands_in(other.fault, one.fault))
    return [other.id for other in others if occasion.is_of(other.where.match)]


def outcome(
    control: Control, one: InForce, occasion: InjectionPoint, whose: CallPath | None, n: int
) -> Outcome:
    """What it does when it matches, `n` matches after the first."""
    fault = one.fault
    if fault.hits is not None:
        return Outcome(fault.is_hit(n + 1))
    drawn = draw(control.seed, "fire", fault.id, *key_of(fault, occasion, whose, n))
    rate = fault.rate_after(max(control.clock() - one.since, 0.0))
    return Outcome(drawn < rate, drawn, rate)


def matches_so_far(control: Control, session: str, fault: str) -> int:
    """How often it matched in this session; without a session, in all."""
    if not session:
        return control.instances.tallies(control.clock())[0][fault]
    return sum(1 for _ in control.hits.find(session=session, fault=fault))


def carrying(session: str, step: str, user: str, more: dict[str, str]) -> Context:
    """A context with all that in its baggage."""
    context = Context()
    for name, value in {SESSION: session, STEP: step, USER: user, **more}.items():
        if value:
            context = baggage.set_baggage(name, value, context)
    return context


class Within:
    """`with Within(context)`: that is the current one meanwhile."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = otel.attach(self._context)

    def __exit__(self, *_: object) -> None:
        otel.detach(self._token)


NO_MATCH = "no such fault has matched in this session yet: click once in the shop"
Recurring = tuple[InForce, RecordedHit]


def rehearse(control: Control, session: str, fault: str, n: int, caller: Caller) -> dict[str, Any]:
    """The next `n` steps of the session, if each does what its last one did."""
    matched = control.hits.last_step(session, fault)
    active = {one.fault.id: one for one in in_force(control, caller)}
    again = [(active[one.hit.fault], one) for one in matched if one.hit.fault in active]
    first = [(one, noted) for one, noted in again if noted.hit.attempt == 0] or again
    may = not_replaced(first, active, session)
    so_far = {
        id_: matches_so_far(control, session, id_) for id_ in {one.fault.id for one, _ in may}
    }
    step = matched[-1].hit.step if matched else ""
    return {
        "session": session,
        "fault": fault or None,
        "step": step,
        "places": list(dict.fromkeys(f"{noted.service}: {noted.hit.place}" for _, noted in first)),
        "next": [ahead(control, step, may, so_far, by) for by in range(1, n + 1)] if first else [],
        "why": "" if first else NO_MATCH,
    }


def not_replaced(
    first: list[Recurring], active: Mapping[str, InForce], session: str
) -> list[Recurring]:
    """Those of them that no other fault replaces in this session."""
    with Within(carrying(session, "", "", {})):
        return [
            (one, noted)
            for one, noted in first
            if not replacements(one, occasion_of(one, noted), active.values())
        ]


def occasion_of(one: InForce, noted: RecordedHit) -> InjectionPoint:
    hit = noted.hit
    return InjectionPoint(one.fault.where.side, hit.place, hop=hit.hop, attempt=hit.attempt)


def ahead(
    control: Control, step: str, may: list[Recurring], so_far: Mapping[str, int], by: int
) -> dict[str, Any]:
    """What happens `by` steps ahead: whether any fault fires, and which."""
    later = str(int(step) + by) if step.isascii() and step.isdigit() else step
    fires = [
        one.fault.id
        for one, noted in may
        if will_fire(control, one, noted, later, so_far[one.fault.id] + by - 1)
    ]
    return {"step": later, "fires": bool(fires), "faults": list(dict.fromkeys(fires))}


def will_fire(control: Control, one: InForce, noted: RecordedHit, step: str, n: int) -> bool:
    hit, fault = noted.hit, one.fault
    if fault.draw == "key":  # the same click is about the same thing
        return hit.draw is not None and hit.draw < fault.rate_after(control.clock() - one.since)
    whose = CallPath(hit.session, step, hit.hop)
    return outcome(control, one, occasion_of(one, noted), whose, n).fires
