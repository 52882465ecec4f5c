"""Who may use a database now, where there are fewer connections than there should be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from chaos.engine.engine import Faults

AT_ONCE: AbstractAsyncContextManager[None] = nullcontext()


class Turns:
    """Everybody's turn comes at once, unless a fault of the kind `pool` or the behavior
    `single_connection` says otherwise.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults, self._only = faults, asyncio.Lock()

    def turn(self, operation: str, target: str) -> AbstractAsyncContextManager[None]:
        """Around an operation and its span: who has to wait leaves a gap before the span."""
        if not (self._faults.pools or self._faults.behaviors):
            return AT_ONCE
        return self._turn(f"{operation} {target}")

    @asynccontextmanager
    async def _turn(self, place: str) -> AsyncIterator[None]:
        alone = self._faults.behaves("single_connection")
        only: AbstractAsyncContextManager[None] = self._only if alone else AT_ONCE
        async with self._faults.pool("store", place), only:
            yield
