"""Faults that let only so many operations or calls run at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic

from opentelemetry.trace import get_current_span

from chaos.engine.active import Active
from chaos.engine.room import Room
from chaos.engine.strike import Blow, Strike


class Turns:
    """A place in the room of each pool of a strike, for as long as one is inside; `enter` waits for
    one, and tells whether it had to.
    """

    def __init__(self, strike: Strike, enter: Callable[[Active, Room], Awaitable[bool]]) -> None:
        self._strike, self._enter = strike, enter
        self._taken: list[Room] = []

    async def __aenter__(self) -> None:
        try:
            waited = [await self._entered(blow) for blow in self._strike.blows]
        except BaseException:  # whoever is cancelled here never gets to leave
            self._leave()
            raise
        if blows := tuple(blow for blow in waited if blow.delay):
            Strike(blows).mark(get_current_span())

    async def _entered(self, blow: Blow) -> Blow:
        room, began = blow.active.room, monotonic()
        assert room is not None
        waited = await self._enter(blow.active, room)
        self._taken.append(room)
        return replace(blow, delay=monotonic() - began) if waited else blow

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        while self._taken:
            self._taken.pop().leave()
