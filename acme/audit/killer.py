"""Kills services at random moments, one after the other."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from acme.apart import Apart
from acme.audit.buyers import Told

TICK = 0.02


class Killer:
    """SIGKILLs the `victims`, `times` in all and each in its turn.

    The moments are drawn from the orders and not from the clock: so many are settled, and somebody
    is killed. A fast machine and a slow one see the same number of deaths.
    """

    def __init__(
        self, shop: Apart, victims: Sequence[str], times: int, orders: int, seed: int
    ) -> None:
        self.killed: Counter[str] = Counter()
        chance = random.Random(seed)  # noqa: S311 - repeatable
        rounds = -(-times // len(victims)) if victims else 0
        turns = [victim for _ in range(rounds) for victim in chance.sample(victims, len(victims))]
        moments = sorted(chance.randrange(orders) for _ in turns[:times])
        self._shop, self._plan = shop, list(zip(moments, turns, strict=False))

    async def kill(self, told: Told) -> None:
        """Ends when everybody who is to be killed has been."""
        for moment, victim in self._plan:
            while told.settled < moment or not self._kill(victim):  # noqa: ASYNC110 - a process
                await asyncio.sleep(TICK)

    def _kill(self, victim: str) -> bool:
        """Tells whether it lived: one that is down already must come back first."""
        pid = self._shop.state.services[victim].pid
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, signal.SIGKILL)
                self.killed[victim] += 1
                return True
        return False
