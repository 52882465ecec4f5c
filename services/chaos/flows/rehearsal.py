"""What comes next: the same click again and again, without anybody clicking."""

from collections.abc import Mapping
from typing import Any

from services.chaos.domain.hits import Noted
from services.chaos.domain.roles import Caller
from services.chaos.flows.control import Control
from services.chaos.flows.outcome import Standing, in_force, matches_so_far, outcome
from shared.faults.journey import Journey
from shared.faults.occasion import Occasion

NOT_MET = "this session has not met such a fault yet: click once in the shop"


def rehearse(control: Control, session: str, fault: str, n: int, caller: Caller) -> dict[str, Any]:
    """The next `n` steps of the session, if each does what its last one did."""
    met = control.hits.last_step(session, fault)
    there = {one.fault.id: one for one in in_force(control) if caller.sees(one.fault.hidden)}
    again = [(there[one.hit.fault], one) for one in met if one.hit.fault in there]
    so_far = {one.hit.fault: matches_so_far(control, session, one.hit.fault) for one in met}
    first = [(one, noted) for one, noted in again if noted.hit.attempt == 0] or again
    return {
        "session": session,
        "fault": fault or None,
        "step": met[-1].hit.step if met else "",
        "places": list(dict.fromkeys(f"{noted.service}: {noted.hit.place}" for _, noted in first)),
        "next": [ahead(control, first, so_far, by) for by in range(1, n + 1)] if first else [],
        "why": "" if first else NOT_MET,
    }


def ahead(
    control: Control, again: list[tuple[Standing, Noted]], so_far: Mapping[str, int], by: int
) -> dict[str, Any]:
    """What happens `by` steps ahead: whether anything fires, and what."""
    step = again[0][1].hit.step
    later = str(int(step) + by) if step.isascii() and step.isdigit() else step
    fires = [
        one.fault.id
        for one, noted in again
        if will_fire(control, one, noted, later, so_far[one.fault.id] + by - 1)
    ]
    return {"step": later, "fires": bool(fires), "faults": list(dict.fromkeys(fires))}


def will_fire(control: Control, one: Standing, noted: Noted, step: str, n: int) -> bool:
    hit, fault = noted.hit, one.fault
    if fault.draw == "key":  # the same click is about the same thing
        return hit.draw is not None and hit.draw < fault.rate_after(control.clock() - one.since)
    occasion = Occasion(fault.where.side, hit.place, hop=hit.hop, attempt=hit.attempt)
    whose = Journey(hit.session, step, hit.hop)
    return outcome(control, one, occasion, whose, n).fires
