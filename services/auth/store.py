"""Where sessions are kept: two records for each, that of its access token and that of its refresh
token, and each names the other.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field

from redis.asyncio import Redis

from services.auth.domain import ENDED, REFRESH_SECONDS, SESSION_SECONDS, User, digest
from shared.errors import Unauthorized
from shared.stores.redis import Keys


@dataclass(frozen=True)
class Tokens:
    """The two tokens of a session; nobody but their owner has them."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @classmethod
    def fresh(cls) -> "Tokens":
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


class SessionStore:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def open(self, user: User) -> Tokens:
        """A new session of the user."""
        tokens = Tokens.fresh()
        access, refresh = f"session:{digest(tokens.access)}", f"refresh:{digest(tokens.refresh)}"

        async def work(redis: Redis) -> None:
            async with redis.pipeline(transaction=True) as both:
                both.set(access, record(user, refresh), ex=SESSION_SECONDS)
                both.set(refresh, record(user, access), ex=REFRESH_SECONDS)
                await both.execute()

        text = "SET session:? ? EX ?; SET refresh:? ? EX ?"
        await self._keys.run("MULTI SET", "session", work, text=text, batch=2)
        return tokens

    async def user(self, access: str) -> User:
        """Whose session it is; raises Unauthorized when it has ended."""
        return await self._read("session", access)

    async def refreshable(self, refresh: str) -> User:
        """Whose session may be refreshed with this token; raises Unauthorized when it was used
        before or is too old.
        """
        return await self._read("refresh", refresh)

    async def end(self, *, access: str = "", refresh: str = "") -> bool:
        """Ends the session that the token belongs to: both its tokens are no longer valid.
        When two end it at once, only one of them gets True.
        """
        kind, token = ("session", access) if access else ("refresh", refresh)
        key = f"{kind}:{digest(token)}"
        kept = await self._keys.run("GETDEL", kind, lambda redis: redis.getdel(key))
        if kept is None:
            return False
        other = json.loads(kept)["other"]
        text = f"DEL {other.partition(':')[0]}:?"
        await self._keys.run("DEL", kind, lambda redis: redis.delete(other), text=text)
        return True

    async def _read(self, kind: str, token: str) -> User:
        key = f"{kind}:{digest(token)}"
        kept = await self._keys.run("GET", kind, lambda redis: redis.get(key))
        if kept is None:
            raise Unauthorized(ENDED)
        return User(**json.loads(kept)["user"])


def record(user: User, other: str) -> str:
    return json.dumps({"user": asdict(user), "other": other})
