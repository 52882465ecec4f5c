"""Passwords, of which only argon2 hashes are kept."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from opentelemetry import trace

from shared.errors import Unavailable

T = TypeVar("T")
tracer = trace.get_tracer(__name__)
KIB, THREADS = 19 * 1024, 2
# A hash of what nobody can type: an unknown user costs as much time as a wrong password.
NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$RH64IHecT91VFGXn0gdgjg$HA"
    "Myl8LuOmCPa5lncYPo1YO8iPnsSAOPcotRVkHCFgE"
)


class Passwords:
    """Makes and checks hashes in threads of their own: it is meant to be slow, and must neither
    keep the event loop waiting nor take all of the machine. `patience` is how many seconds a caller
    waits at most; None is as long as it takes.
    """

    def __init__(self, patience: float | None) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._patience = patience

    async def hash(self, password: str) -> str:
        with tracer.start_as_current_span("hash password"):
            return await self._in_thread(lambda: self._hasher.hash(password))

    async def fits(self, hash_: str, password: str) -> bool:
        """Whether it is the password that the hash was made of."""

        def verify() -> bool:
            try:
                return self._hasher.verify(hash_, password)
            except VerifyMismatchError:
                return False

        with tracer.start_as_current_span("verify password"):
            return await self._in_thread(verify)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        # A pool's thread has no current span, so the work is given its own.
        span = trace.get_current_span()

        def started() -> T:
            span.add_event("password.thread_started")  # until then it waited for a thread
            return work()

        try:
            async with asyncio.timeout(self._patience):
                return await loop.run_in_executor(self._threads, started)
        except TimeoutError:
            raise Unavailable("too many passwords are checked at once: try again") from None
