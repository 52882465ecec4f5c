"""Changes of single faults, in somebody's name: what is allowed, and what comes of it."""

from dataclasses import dataclass

from services.chaos.domain.entry import LIVE, LONGEST, Entry, Scope
from services.chaos.domain.problem import Problem
from services.chaos.domain.roles import Caller
from services.chaos.domain.scope import check_scope, scope_of
from services.chaos.flows.control import Control
from shared.errors import NotFound
from shared.faults.model import Fault


@dataclass(frozen=True)
class Wish:
    """A fault that somebody wants to be there. Without a scope it has that of its aim, without an
    end that of its `ttl`, and without an owner it is of who wants it.
    """

    fault: Fault
    scope: Scope | None = None
    reason: str = ""
    source: str = LIVE
    ends: float | None = None
    owner: str = ""


class Changing:
    def __init__(self, control: Control) -> None:
        self._control = control

    def change(self, was: Entry, fault: Fault, ends: float | None, caller: Caller) -> None:
        """Has the fault in place of what it was. What somebody changed of a profile or a scenario
        is live, a plan stays a plan.
        """
        source = was.source if was.scope == "plan" else LIVE
        self.put(Wish(fault, was.scope, was.reason, source, ends, was.owner), caller)

    def there(self, id_: str, caller: Caller) -> Entry:
        """The fault with that id, if somebody put it and this caller may change it."""
        entry = self._control.entry(id_)
        if entry is None or not caller.sees(entry.fault.hidden):
            own = self.is_own(id_)
            told = "; a service has it by itself, PUT one with its id and rate 0 to end that"
            raise NotFound(f"no fault {id_} was put here{told if own else ''}")
        caller.may_change(entry)
        return entry

    def put(self, wish: Wish, caller: Caller) -> Entry:
        """Has the fault, as this caller wants it, if they may."""
        fault, was = wish.fault, self._control.entry(wish.fault.id)
        scope = wish.scope or scope_of(fault)
        check_scope(fault, scope)
        now = self._control.clock()
        entry = Entry(
            fault,
            wish.source,
            scope,
            wish.owner or caller.name,
            wish.reason,
            since=now if was is None else was.since,
            ends=now + fault.ttl if wish.ends is None else min(wish.ends, now + LONGEST),
        )
        caller.may_put(entry)
        if was is None:
            caller.may_have(self._control.number_of(caller.name) + 1)
        else:
            caller.may_change(was)
        if scope != "class" and self.is_own(fault.id):
            told = f"{fault.id} is a service's own, for everybody: give this one another id"
            raise Problem(409, "conflict", f"{told}, and instead_of: {fault.id}")
        self._control.put(entry, by=caller.name)
        return entry

    def etag(self, id_: str) -> str:
        """What stands for the fault as it is now."""
        return f'"{self._control.epoch}-{self._control.changed_at(id_)}"'

    def check(self, id_: str, if_match: str | None) -> None:
        """Refuses a change of something that is no longer what the caller saw."""
        if if_match is None:
            return
        current, there = self.etag(id_), self._control.entry(id_) is not None
        wanted = {one.strip() for one in if_match.split(",")}
        if not (there and wanted & {"*", current}):
            state = f"it is {current} now" if there else "it is not there"
            raise Problem(412, "stale", f"{id_} is not {if_match}: {state}")

    def is_own(self, id_: str) -> bool:
        """Whether a service has a fault with that id by itself."""
        return any(own.fault.id == id_ for _, own in self._control.own())
