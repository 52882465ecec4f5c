"""Who is who: auth for sessions, users for profiles."""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from services.gateway.domain import User
from shared.errors import Unavailable, UpstreamError
from shared.http import Peer

T = TypeVar("T")
ATTEMPTS = 3


class Auth:
    """Each method raises Unavailable when auth cannot tell."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def user(self, token: str) -> User:
        """Whose token this is; the guest without one. Raises Unauthorized when it has ended."""
        attempts = ATTEMPTS if self._peer.faults.behaves("retries") else 1
        told = await answer(self._peer.get("/auth", dict, headers=bearer(token), attempts=attempts))
        return User(str(told["id"]), str(told["role"]))

    async def log_in(self, username: str, password: str) -> Any:
        """The user's profile and the tokens of a new session."""
        given = {"username": username, "password": password}
        return await answer(self._peer.post("/login", dict, given))

    async def refresh(self, refresh_token: str) -> Any:
        """The same, for the refresh token of an earlier session."""
        return await answer(self._peer.post("/refresh", dict, {"refresh_token": refresh_token}))

    async def log_out(self, token: str, refresh_token: str | None) -> None:
        given = {"refresh_token": refresh_token}
        await answer(self._peer.post("/logout", dict, given, headers=bearer(token)))


class Users:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, user_id: str) -> Any:
        return await self._peer.get("/users/{user_id}", dict, user_id=user_id)

    async def register(self, person: Mapping[str, str]) -> str:
        """The new user's id; raises Conflict when somebody has this username."""
        return str((await self._peer.post("/users", dict, dict(person)))["id"])


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


async def answer(call: Awaitable[T]) -> T:
    try:
        return await call
    except UpstreamError as error:
        raise Unavailable("Auth Service gave an error") from error
