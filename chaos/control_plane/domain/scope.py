"""Whom a fault is for: everybody, one browser's session, or whoever carries a plan's token."""

import re
from collections.abc import Iterable

from chaos.control_plane.domain.entry import Entry, Scope
from chaos.control_plane.domain.reading import Problem, Wrong
from chaos.engine.effect import Behavior, Cpu, Crash, Leak, Pool, RateLimit, Unready
from chaos.engine.model import ID, Fault
from shared.session import SESSION_ID

PLAN = "acmeshop.plan"
SESSION = re.compile(SESSION_ID)
# These strike a process, and so everybody in it.
SHARED = (Cpu, Leak, Crash, Unready, Pool, RateLimit)
BEHAVIORS = frozenset({"n_plus_one", "fallback", "retries", "no_timeout", "naive_retries"})


def scope_of(fault: Fault) -> Scope:
    """The scope that a fault's aim has by itself."""
    if PLAN in fault.where.match.baggage:
        return "plan"
    return "class" if fault.where.match.session is None else "session"


def check_scope(fault: Fault, scope: Scope, path: str = "") -> None:
    """Refuses what cannot be for some only."""
    if scope == "class":
        return
    match = fault.where.match
    if scope == "session" and match.session is None:
        raise missing("session", "where.match.session", path)
    if scope == "plan" and PLAN not in match.baggage:
        raise missing("plan", f"where.match.baggage.{PLAN}", path)
    if not may_be_private(fault):
        name = fault.effect.name if isinstance(fault.effect, Behavior) else fault.effect.type
        told = f"{name} strikes a process and with it everybody, so it is for the whole class only"
        wrong = Wrong(f"{path}effect", "effect-not-request-scoped", told, "scope=class")
        raise Problem(422, "effect-not-request-scoped", told, [wrong])


def missing(scope: Scope, key: str, path: str) -> Problem:
    told = f"a fault for one {scope} needs {key}"
    return Problem(422, "validation", told, [Wrong(f"{path}{key}", "missing", told)])


def may_be_private(fault: Fault) -> bool:
    if isinstance(fault.effect, Behavior):
        return fault.effect.name in BEHAVIORS
    return not isinstance(fault.effect, SHARED)


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
