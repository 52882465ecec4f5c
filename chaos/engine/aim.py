"""Whether a fault is meant here, which one stands in for which, and what a draw is made for."""

from collections.abc import Iterable

from opentelemetry import baggage

from chaos.engine.active import Active
from chaos.engine.journey import Journey
from chaos.engine.model import ALL, Fault
from chaos.engine.occasion import Occasion
from shared.session import SESSION


def precedence(fault: Fault) -> tuple[int, bool, int, str]:
    """The greatest priority comes first, then what is aimed at somebody, then the narrowest, then
    the first by its id.
    """
    return -fault.priority, not fault.where.is_aimed, -fault.where.narrowness, fault.id


def matches(fault: Fault, occasion: Occasion) -> bool:
    where = fault.where
    return (
        occasion.can(fault.effect)
        and where.is_at(occasion.place, occasion.peer)
        and occasion.is_of(where.match)
        and (fault.key is None or occasion.attribute(fault.key) is not None)
    )


def stands_in(one: Fault, other: Fault) -> bool:
    """Whether `one` strikes in place of the `other` whom it is about; of two that name each other,
    the first.
    """
    if one.instead_of == ALL:
        return other.instead_of is None
    mutual = other.instead_of == one.id
    return one.instead_of == other.id and not (mutual and precedence(other) < precedence(one))


def theirs(row: Iterable[Active]) -> list[Active]:
    """Those of the row that may be meant for the session in hand: of a class, each has its own."""
    session = baggage.get_baggage(SESSION)
    return [one for one in row if one.session is None or one.session == session]


def not_replaced(row: list[Active], others: Iterable[Active], at: Occasion) -> list[Active]:
    """Those of the row for which none of the others, as far as they are about this, stands in."""
    about = (one for one in theirs(others) if at.is_of(one.fault.where.match))
    meant = [one.fault for one in about if one.is_there()]
    return [one for one in row if not any(stands_in(other, one.fault) for other in meant)]


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
