"""Changes in a caller's name, of single faults and of plans: what is allowed, and what follows."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from chaos.control_plane.domain.entry import LIVE, LONGEST, Entry, Scope
from chaos.control_plane.domain.reading import Problem
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scope import check_scope, check_token, planned, scope_of, source_of
from chaos.control_plane.flows.control import Control
from chaos.engine.model import Fault
from shared.errors import NotFound


@dataclass(frozen=True)
class WantedFault:
    """A fault that a caller wants. Its default scope follows from what it matches, its end from its
    `ttl`, and its owner is the caller.
    """

    fault: Fault
    scope: Scope | None = None
    reason: str = ""
    source: str = LIVE
    ends: float | None = None
    owner: str = ""


class FaultChanges:
    def __init__(self, control: Control) -> None:
        self._control = control

    def change(self, was: Entry, fault: Fault, ends: float | None, caller: Caller) -> None:
        """Replaces a fault by its changed version. A changed fault of a profile or a scenario is
        live, one of a plan stays in the plan.
        """
        source = was.source if was.scope == "plan" else LIVE
        self.put(WantedFault(fault, was.scope, was.reason, source, ends, was.owner), caller)

    def changeable(self, id_: str, caller: Caller) -> Entry:
        """The fault with that id. Raises NotFound, and Problem if the caller may not change it."""
        entry = self.seen(id_, caller)
        if entry is None:
            own = self.is_own(id_)
            hint = "; it is a default fault of a service: PUT one with its id and rate 0"
            raise NotFound(f"no fault {id_} was applied here{hint if own else ''}")
        caller.may_change(entry)
        return entry

    def put(self, wish: WantedFault, caller: Caller) -> Entry:
        """Applies the fault as this caller wants it, if they may."""
        fault, was = wish.fault, self.seen(wish.fault.id, caller)
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
            number = self._control.number_of(caller.name)
            caller.may_have(number + 1, len(self._control.entries()) + 1)
        else:
            caller.may_change(was)
        self._check_id(fault.id, scope, caller)
        self._control.put(entry, by=caller.name)
        return entry

    def _check_id(self, id_: str, scope: Scope, caller: Caller) -> None:
        """Refuses an id that is in use; that of a hidden fault without saying so."""
        if scope != "class" and self.is_own(id_):
            message = f"{id_} is a default fault, for everybody: use another id"
            raise Problem(409, "conflict", f"{message}, and instead_of: {id_}")
        if self._is_secret(id_, caller):
            raise Problem(409, "conflict", f"{id_} cannot be used: use another id")

    def seen(self, id_: str, caller: Caller) -> Entry | None:
        """The fault with that id, if this caller may see it."""
        return self._control.entry(id_, hidden=caller.sees_hidden)

    def _is_secret(self, id_: str, caller: Caller) -> bool:
        return self._control.entry(id_) != self.seen(id_, caller)

    def etag(self, id_: str, caller: Caller) -> str:
        """The version of the fault as it is now."""
        changed = 0 if self._is_secret(id_, caller) else self._control.book.changed_at(id_)
        return f'"{self._control.revisions.epoch}-{changed}"'

    def check(self, id_: str, if_match: str | None, caller: Caller) -> None:
        """Refuses a change of a fault that has changed since the caller read it."""
        if if_match is None:
            return
        current, exists = self.etag(id_, caller), self.seen(id_, caller) is not None
        wanted = {one.strip() for one in if_match.split(",")}
        if not (exists and wanted & {"*", current}):
            state = f"it is {current} now" if exists else "it does not exist"
            raise Problem(412, "stale", f"{id_} is not {if_match}: {state}")

    def is_own(self, id_: str) -> bool:
        """Whether a service has a default fault with that id."""
        return any(own.fault.id == id_ for _, own in self._control.book.own())


PREFIX = source_of("")
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without letters that look alike


class Plans:
    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self, faults: Iterable[Fault], token: str | None, ttl: float | None, caller: Caller
    ) -> str:
        """Applies faults for the requests that carry the token, given or made here; returns it."""
        wanted = new_token() if token is None else token
        check_token(wanted)
        if self._of(wanted):
            raise Problem(409, "conflict", f"the plan {wanted} exists already: DELETE ends it")
        entries = planned(faults, wanted, caller.name, self._control.clock(), ttl)
        for entry in entries:
            caller.may_put(entry)
        number, in_all = self._control.number_of(caller.name), len(self._control.entries())
        caller.may_have(number + len(entries), in_all + len(entries))
        self._control.put(*entries, by=caller.name)
        return wanted

    def seen_by(self, caller: Caller) -> list[str]:
        """The tokens of all plans; of a student's own ones only."""
        of_plans = [one for one in self._control.entries() if one.source.startswith(PREFIX)]
        mine = [one for one in of_plans if caller.is_presenter or one.owner == caller.name]
        return list(dict.fromkeys(one.source.removeprefix(PREFIX) for one in mine))

    def entries(self, token: str) -> list[Entry]:
        if not (found := self._of(token)):
            raise NotFound(f"there is no plan {token}")
        return found

    def end(self, token: str, caller: Caller) -> None:
        for entry in self.entries(token):
            caller.may_change(entry)
        self._control.replace_source(source_of(token), (), by=caller.name)

    def _of(self, token: str) -> list[Entry]:
        return [one for one in self._control.entries() if one.source == source_of(token)]


def new_token() -> str:
    return "p-" + "".join(secrets.choice(LETTERS) for _ in range(6))
