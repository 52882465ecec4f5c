"""Plans: made, found and ended."""

import secrets
from collections.abc import Iterable

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.plan import check_token, planned, source_of
from chaos.control_plane.domain.problem import Problem
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.flows.control import Control
from chaos.engine.model import Fault
from shared.errors import NotFound

PREFIX = source_of("")
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that are taken for one another


class Planning:
    def __init__(self, control: Control) -> None:
        self._control = control

    def add(
        self, faults: Iterable[Fault], token: str | None, ttl: float | None, caller: Caller
    ) -> str:
        """Has faults that strike whoever carries the token, given or made; answers it."""
        wanted = new_token() if token is None else token
        check_token(wanted)
        if self._of(wanted):
            raise Problem(409, "conflict", f"there is a plan {wanted} already: DELETE ends it")
        entries = planned(faults, wanted, caller.name, self._control.clock(), ttl)
        for entry in entries:
            caller.may_put(entry)
        number, there = self._control.number_of(caller.name), len(self._control.entries())
        caller.may_have(number + len(entries), there + len(entries))
        self._control.put(*entries, by=caller.name)
        return wanted

    def seen_by(self, caller: Caller) -> list[str]:
        """The tokens of all plans; of a student's own ones only."""
        of_plans = [one for one in self._control.entries() if one.source.startswith(PREFIX)]
        mine = [one for one in of_plans if caller.is_presenter or one.owner == caller.name]
        return list(dict.fromkeys(one.source.removeprefix(PREFIX) for one in mine))

    def there(self, token: str) -> list[Entry]:
        if not (found := self._of(token)):
            raise NotFound(f"there is no plan {token}, or no longer")
        return found

    def end(self, token: str, caller: Caller) -> None:
        for entry in self.there(token):
            caller.may_change(entry)
        self._control.replace_source(source_of(token), (), by=caller.name)

    def _of(self, token: str) -> list[Entry]:
        return [one for one in self._control.entries() if one.source == source_of(token)]


def new_token() -> str:
    return "p-" + "".join(secrets.choice(LETTERS) for _ in range(6))
