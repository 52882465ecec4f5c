"""Kills services of a shop while it is in use, and now and then its launcher, and with it all."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from acme.audit.buyers import Answers
from acme.ephemeral import EphemeralShop
from acme.launcher.environment import REDIS

SERVICES = ("orders", "payment", "shipping", "cart")
LAUNCHER = "launcher"
# Of so many kills one is the launcher's: everything ends, and starts again on the same data.
ONE_IN = 8
TICK = 0.02


def turns(kill: Sequence[str], times: int, seed: int, *, redis_forgets: bool) -> list[str]:
    """Whom to kill, one after the other: one in `ONE_IN` times the launcher, and else those in
    `kill`, by default all that a checkout needs. A Redis that forgets what it was told is spared,
    and so is the launcher, which would take it along: nobody promises to survive that.
    """
    spared = {REDIS} if redis_forgets else set()
    victims = [victim for victim in kill or (*SERVICES, REDIS) if victim not in spared]
    if not victims:
        return []
    chance = random.Random(seed)  # noqa: S311 - repeatable
    launchers = 0 if redis_forgets else times // ONE_IN
    rounds = -(-times // len(victims))
    drawn = [victim for _ in range(rounds) for victim in chance.sample(victims, len(victims))]
    drawn = drawn[: times - launchers]
    for _ in range(launchers):
        drawn.insert(chance.randint(0, len(drawn)), LAUNCHER)
    return drawn


class Killer:
    """Sends SIGKILL to those in `turns`, one after the other.

    The moments are drawn from the orders and not from the clock: so many are settled, and somebody
    is killed. A fast machine and a slow one see the same number of kills.
    """

    def __init__(self, shop: EphemeralShop, turns: Sequence[str], orders: int, seed: int) -> None:
        self.killed: Counter[str] = Counter()
        chance = random.Random(seed)  # noqa: S311 - repeatable
        moments = sorted(chance.randrange(orders) for _ in turns)
        self._shop, self._plan = shop, list(zip(moments, turns, strict=True))

    async def kill(self, answers: Answers) -> None:
        """Returns when everybody who is to be killed has been. Raises TimeoutError when the shop
        does not start again.
        """
        for moment, victim in self._plan:
            while answers.settled < moment:  # noqa: ASYNC110 - what to wait for is a count
                await asyncio.sleep(TICK)
            if victim == LAUNCHER:
                await asyncio.to_thread(self._restart)
            else:
                while not self._kill(victim):  # noqa: ASYNC110 - a process
                    await asyncio.sleep(TICK)
            self.killed[victim] += 1

    def _restart(self) -> None:
        self._shop.kill_launcher()
        self._shop.start()

    def _kill(self, victim: str) -> bool:
        """Whether it was alive: one that is down already must come back first."""
        pid = self._shop.state.services[victim].pid
        with suppress(ProcessLookupError):
            if pid:
                os.kill(pid, signal.SIGKILL)
                return True
        return False
