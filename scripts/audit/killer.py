"""Kills services at random moments, one after the other."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from scripts.apart import Apart


class Killer:
    """SIGKILLs one of the `victims` about every `seconds`; each has its turn."""

    def __init__(self, shop: Apart, victims: Sequence[str], seconds: float, seed: int) -> None:
        self.killed: Counter[str] = Counter()
        self._shop, self._victims, self._seconds = shop, victims, seconds
        self._chance = random.Random(seed)  # noqa: S311 - repeatable

    async def kill(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            for victim in self._chance.sample(self._victims, len(self._victims)):
                await asyncio.sleep(self._chance.uniform(0.5, 1.5) * self._seconds)
                pid = self._shop.state.services[victim].pid
                if pid:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        self.killed[victim] += 1
