"""Whom a fault is for: everybody, one browser's session, or whoever carries a plan."""

import re

from chaos.control_plane.domain.entry import Scope
from chaos.control_plane.domain.problem import Problem, Wrong
from chaos.engine.effect import Behavior, Cpu, Crash, Leak, Pool, RateLimit, Unready
from chaos.engine.model import Fault
from chaos.engine.values import SESSION_ID

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
