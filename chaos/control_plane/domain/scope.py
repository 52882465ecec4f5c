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
# These affect a process, and so everybody whose requests it serves.
SHARED = (Cpu, Leak, Crash, Unready, Pool, RateLimit)
BEHAVIORS = frozenset({"n_plus_one", "fallback", "retries", "no_timeout", "naive_retries"})


def scope_of(fault: Fault) -> Scope:
    """The scope that follows from what a fault matches."""
    if PLAN in fault.where.match.baggage:
        return "plan"
    return "class" if fault.where.match.session is None else "session"


def check_scope(fault: Fault, scope: Scope, path: str = "") -> None:
    """Refuses faults that cannot be limited to that scope."""
    if scope == "class":
        return
    match = fault.where.match
    if scope == "session" and match.session is None:
        raise missing("session", "where.match.session", path)
    if scope == "plan" and PLAN not in match.baggage:
        raise missing("plan", f"where.match.baggage.{PLAN}", path)
    if not may_be_private(fault):
        name = fault.effect.name if isinstance(fault.effect, Behavior) else fault.effect.type
        message = f"{name} affects a process and so everybody: it is for the whole class only"
        wrong = Wrong(f"{path}effect", "effect-not-request-scoped", message, "scope=class")
        raise Problem(422, "effect-not-request-scoped", message, [wrong])


def missing(scope: Scope, key: str, path: str) -> Problem:
    message = f"a fault for one {scope} needs {key}"
    return Problem(422, "validation", message, [Wrong(f"{path}{key}", "missing", message)])


def may_be_private(fault: Fault) -> bool:
    if isinstance(fault.effect, Behavior):
        return fault.effect.name in BEHAVIORS
    return not isinstance(fault.effect, SHARED)


TOKEN = re.compile(r"[a-z0-9-]{3,20}")
FAULT_ID = re.compile(ID)


def check_token(token: str) -> None:
    if not TOKEN.fullmatch(token):
        message = f"{token!r} is not a token: use 3 to 20 of a-z, 0-9 and -"
        raise Problem(422, "validation", message, [Wrong("token", "pattern", message)])


def source_of(token: str) -> str:
    return f"plan:{token}"


def planned(
    faults: Iterable[Fault], token: str, owner: str, now: float, ttl: float | None
) -> list[Entry]:
    """The faults of a plan, for the requests that carry its token, until they or the plan end."""
    found = [for_token(fault, token, f"faults.{at}.") for at, fault in enumerate(faults)]
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


def for_token(fault: Fault, token: str, path: str) -> Fault:
    id_ = f"{fault.id}-{token}"
    if not FAULT_ID.fullmatch(id_):
        message = f"with its token its id is {id_}: {len(id_)} letters, 48 at most"
        raise Problem(422, "validation", message, [Wrong(f"{path}id", "too_long", message)])
    match = fault.where.match
    match = match.model_copy(update={"baggage": {**match.baggage, PLAN: token}})
    where = fault.where.model_copy(update={"match": match})
    targeted = fault.model_copy(update={"id": id_, "where": where})
    check_scope(targeted, "plan", path)
    return targeted
