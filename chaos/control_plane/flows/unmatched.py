"""Faults that can never match: what their `where` names is not there."""

from collections.abc import Collection

from chaos.control_plane.flows.control import Control
from chaos.engine.model import Fault, Where
from chaos.engine.reader import meant
from shared.topology import BY_NAME, SERVICES

TRACED = [service.name for service in SERVICES if service.traced]


def why_never(control: Control, fault: Fault) -> str:
    """Why the fault can match nothing, with what may be meant; "" as far as it may."""
    where = fault.where
    if where.service is not None and where.service not in BY_NAME:
        return f"there is no service {where.service}{meant(where.service, TRACED)}"
    return no_call(where) or no_store(where) or no_route(control, where)


def no_call(where: Where) -> str:
    if where.peer is None or where.service is None:
        return ""
    called = (*BY_NAME[where.service].calls, *BY_NAME[where.service].outside)
    if where.peer in called:
        return ""
    if not called:
        return f"{where.service} calls nobody, so this fault never matches"
    return f"{where.service} calls {', '.join(called)}, and never {where.peer}"


def no_store(where: Where) -> str:
    if where.service is None:
        return ""
    service = BY_NAME[where.service]
    if where.side == "store" and service.keeps not in {"documents", "redis"}:
        return f"{service.name} has no store, so this fault never matches"
    if where.side == "stream" and not (service.publishes or service.consumes):
        return f"{service.name} has no stream, so this fault never matches"
    return ""


def no_route(control: Control, where: Where) -> str:
    """A route that nobody has who could be meant; with a method and a path, or one of them."""
    method, _, path = (where.route or "").rpartition(" ")
    services = called_or_calling(where)
    known = control.instances.routes(services, control.clock())
    if not where.route or not known:
        return ""
    who = services[0] if len(services) == 1 else "no service"
    if not path.startswith("/"):
        taken = {method for method, _ in known}
        return "" if path.upper() in taken else no_such(who, f"method {path}", path, taken)
    methods = {m for m, template in known if template.casefold() == path.casefold()}
    if not methods:
        return no_such(who, f"route {path}", path, {template for _, template in known})
    if method and method.upper() not in methods:
        taken = {f"{m} {path}" for m in methods}
        return no_such(who, f"route {method} {path}", f"{method} {path}", taken)
    return ""


def no_such(who: str, what: str, given: str, known: Collection[str]) -> str:
    has = "has a" if who == "no service" else "has no"
    return f"{who} {has} {what}, so this fault never matches{meant(given, sorted(known))}"


def called_or_calling(where: Where) -> list[str]:
    """Whose routes are meant: on the client's side those of the services that are called."""
    if where.side == "server":
        return [where.service] if where.service else TRACED
    callees: Collection[str] = TRACED
    if where.service:
        callees = BY_NAME[where.service].calls
    if where.peer:
        callees = [where.peer]
    ours = [name for name in callees if name in BY_NAME and BY_NAME[name].traced]
    return ours if len(ours) == len(callees) else []
