"""Whether a fault is meant here, and what its draw is made for."""

from shared.faults.active import Active
from shared.faults.journey import Journey
from shared.faults.model import Fault
from shared.faults.occasion import Occasion


def precedence(active: Active) -> tuple[int, int, str]:
    """The greatest priority comes first, then the narrowest, then the first by its id."""
    fault = active.fault
    return -fault.priority, -fault.where.narrowness, fault.id


def matches(fault: Fault, occasion: Occasion) -> bool:
    where = fault.where
    return (
        occasion.can(fault.effect)
        and where.is_at(occasion.place, occasion.peer)
        and occasion.is_of(where.match)
        and (fault.key is None or occasion.attribute(fault.key) is not None)
    )


def key_of(fault: Fault, occasion: Occasion, whose: Journey | None, n: int) -> tuple[object, ...]:
    """What a draw of this fault depends on, beside the seed; `n` matches came before this one. It
    is never the time, and never an id of the trace: see docs/adr/0009.
    """
    if fault.draw == "key":
        assert fault.key is not None
        return (fault.key, occasion.attribute(fault.key))
    if whose is None:
        return (n,)
    if fault.draw == "session":
        return (whose.session,)
    if not whose.step:
        return (whose.session, n)
    key = (whose.session, whose.step, occasion.place, occasion.hop)
    return key if fault.draw == "request" else (*key, occasion.attempt)
