"""Logging in, which slows down for whoever keeps failing."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from services.gateway import domain
from services.gateway.clients import Auth
from services.gateway.domain import Failures
from shared.contracts.auth import Session
from shared.errors import TooManyRequests, Unauthorized

MOST = 10_000  # of what is remembered; the oldest is forgotten first


class Logins:
    """Counts failures for each address, and for each user at each address: whoever guesses a
    user's password does not lock out the user, who is somewhere else. Unknown users count as known
    ones do, so that nobody learns who is known.
    """

    def __init__(self, auth: Auth, clock: Callable[[], float] = time.monotonic) -> None:
        self._auth, self._clock = auth, clock
        self._failures: OrderedDict[Hashable, Failures] = OrderedDict()

    async def log_in(self, username: str, password: str, address: str) -> Session:
        """Raises TooManyRequests after too many failures, Unauthorized for one more."""
        keys: tuple[Hashable, ...] = (address, (address, username.strip().lower()))
        self._check(keys)
        # It counts as a failure until it is none: a thousand at once would all be the first.
        for key in keys:
            self._note(key, 1)
        try:
            return await self._auth.log_in(username, password)
        except Unauthorized:
            keys = ()
            raise
        finally:
            for key in keys:
                self._note(key, -1)

    def _check(self, keys: tuple[Hashable, ...]) -> None:
        now = self._clock()
        wait = max(domain.wait(self._failures.get(key, domain.NO_FAILURES), now) for key in keys)
        if wait > 0:
            error = TooManyRequests(f"too many logins failed: try again in {wait:.0f} s")
            error.retry_after = wait
            raise error

    def _note(self, key: Hashable, more: int) -> None:
        before = self._failures.pop(key, domain.NO_FAILURES)
        self._failures[key] = before.and_more(more, self._clock())
        if len(self._failures) > MOST:
            self._failures.popitem(last=False)
