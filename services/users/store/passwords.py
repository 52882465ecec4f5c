"""Passwords, of which only argon2 hashes are kept."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from shared.errors import Unavailable
from shared.telemetry.decorator import Trace

T = TypeVar("T")
KIB, AT_ONCE = 19 * 1024, 2
# A hash of what nobody can type: a user who is not there costs as much time as a wrong password.
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$RH64IHecT91VFGXn0gdgjg$HA"
    "Myl8LuOmCPa5lncYPo1YO8iPnsSAOPcotRVkHCFgE"
)


class Passwords:
    """Makes and checks hashes in threads of their own: it is meant to be slow, and must neither
    keep the event loop waiting nor take all of the machine.
    """

    def __init__(self, patience: float) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._patience = patience

    @Trace(name="hash password")
    async def hash(self, password: str) -> str:
        return await self._aside(lambda: self._hasher.hash(password))

    @Trace(name="verify password")
    async def fits(self, hash_: str, password: str) -> bool:
        """Whether it is the password that the hash was made of."""

        def verify() -> bool:
            try:
                return self._hasher.verify(hash_, password)
            except VerifyMismatchError:
                return False

        return await self._aside(verify)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def _aside(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._patience):
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError:
            raise Unavailable("too many passwords are checked at once: try again") from None
