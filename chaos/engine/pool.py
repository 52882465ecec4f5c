"""Faults that let only so many operations or calls run at once."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic

from opentelemetry.trace import get_current_span

from chaos.engine.gate import Gate
from chaos.engine.injection import InjectedFault, Injection
from chaos.engine.registry import ActiveFault


class PoolSlots:
    """A slot in each pool of an injection, for as long as one is inside; `enter` waits for one, and
    says whether it had to.
    """

    def __init__(
        self, injection: Injection, enter: Callable[[ActiveFault, Gate], Awaitable[bool]]
    ) -> None:
        self._injection, self._enter = injection, enter
        self._taken: list[Gate] = []

    async def __aenter__(self) -> None:
        try:
            waited = [await self._entered(one) for one in self._injection.faults]
        except BaseException:  # whoever is cancelled here never gets to leave
            self._leave()
            raise
        if late := tuple(one for one in waited if one.delay):
            Injection(late).mark(get_current_span())

    async def _entered(self, one: InjectedFault) -> InjectedFault:
        gate, began = one.active.gate, monotonic()
        assert gate is not None
        waited = await self._enter(one.active, gate)
        self._taken.append(gate)
        return replace(one, delay=monotonic() - began) if waited else one

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        while self._taken:
            self._taken.pop().leave()
