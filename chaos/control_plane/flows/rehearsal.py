"""What comes next: the same click again and again, without anybody clicking."""

from collections.abc import Mapping
from typing import Any

from chaos.control_plane.domain.hits import Noted
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.outcome import (
    InForce,
    Within,
    carrying,
    in_force,
    in_place_of,
    matches_so_far,
    outcome,
)
from chaos.engine.journey import Journey
from chaos.engine.occasion import Occasion

NOT_MET = "this session has not met such a fault yet: click once in the shop"
Met = tuple[InForce, Noted]


def rehearse(control: Control, session: str, fault: str, n: int, caller: Caller) -> dict[str, Any]:
    """The next `n` steps of the session, if each does what its last one did."""
    met = control.hits.last_step(session, fault)
    there = {one.fault.id: one for one in in_force(control, caller)}
    again = [(there[one.hit.fault], one) for one in met if one.hit.fault in there]
    first = [(one, noted) for one, noted in again if noted.hit.attempt == 0] or again
    may = striking(first, there, session)
    so_far = {
        id_: matches_so_far(control, session, id_) for id_ in {one.fault.id for one, _ in may}
    }
    step = met[-1].hit.step if met else ""
    return {
        "session": session,
        "fault": fault or None,
        "step": step,
        "places": list(dict.fromkeys(f"{noted.service}: {noted.hit.place}" for _, noted in first)),
        "next": [ahead(control, step, may, so_far, by) for by in range(1, n + 1)] if first else [],
        "why": "" if first else NOT_MET,
    }


def striking(first: list[Met], there: Mapping[str, InForce], session: str) -> list[Met]:
    """Those of them that strike this session, because no other fault does in their place."""
    with Within(carrying(session, "", "", {})):
        return [
            (one, noted)
            for one, noted in first
            if not in_place_of(one, occasion_of(one, noted), there.values())
        ]


def occasion_of(one: InForce, noted: Noted) -> Occasion:
    hit = noted.hit
    return Occasion(one.fault.where.side, hit.place, hop=hit.hop, attempt=hit.attempt)


def ahead(
    control: Control, step: str, may: list[Met], so_far: Mapping[str, int], by: int
) -> dict[str, Any]:
    """What happens `by` steps ahead: whether anything fires, and what."""
    later = str(int(step) + by) if step.isascii() and step.isdigit() else step
    fires = [
        one.fault.id
        for one, noted in may
        if will_fire(control, one, noted, later, so_far[one.fault.id] + by - 1)
    ]
    return {"step": later, "fires": bool(fires), "faults": list(dict.fromkeys(fires))}


def will_fire(control: Control, one: InForce, noted: Noted, step: str, n: int) -> bool:
    hit, fault = noted.hit, one.fault
    if fault.draw == "key":  # the same click is about the same thing
        return hit.draw is not None and hit.draw < fault.rate_after(control.clock() - one.since)
    whose = Journey(hit.session, step, hit.hop)
    return outcome(control, one, occasion_of(one, noted), whose, n).fires
