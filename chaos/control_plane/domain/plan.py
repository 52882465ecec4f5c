"""Plans: faults that strike whoever carries a token, through every service."""

import re
from collections.abc import Iterable

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.problem import Problem, Wrong
from chaos.control_plane.domain.scope import PLAN, check_scope
from chaos.engine.model import ID, Fault

TOKEN = re.compile(r"[a-z0-9-]{3,20}")
FAULT_ID = re.compile(ID)


def check_token(token: str) -> None:
    if not TOKEN.fullmatch(token):
        told = f"{token!r} is no token: 3 to 20 of a-z, 0-9 and - are"
        raise Problem(422, "validation", told, [Wrong("token", "pattern", told)])


def source_of(token: str) -> str:
    return f"plan:{token}"


def planned(
    faults: Iterable[Fault], token: str, owner: str, now: float, ttl: float | None
) -> list[Entry]:
    """The faults of a plan, aimed at whoever carries its token, until they or the plan end."""
    found = [aimed(fault, token, f"faults.{at}.") for at, fault in enumerate(faults)]
    return [
        Entry(
            fault,
            source_of(token),
            "plan",
            owner,
            since=now,
            ends=now + (fault.ttl if ttl is None else ttl),
        )
        for fault in found
    ]


def aimed(fault: Fault, token: str, path: str) -> Fault:
    id_ = f"{fault.id}-{token}"
    if not FAULT_ID.fullmatch(id_):
        told = f"with its token it is {id_}, which is {len(id_)} letters: 48 at most"
        raise Problem(422, "validation", told, [Wrong(f"{path}id", "too_long", told)])
    match = fault.where.match
    match = match.model_copy(update={"baggage": {**match.baggage, PLAN: token}})
    where = fault.where.model_copy(update={"match": match})
    aimed = fault.model_copy(update={"id": id_, "where": where})
    check_scope(aimed, "plan", path)
    return aimed
