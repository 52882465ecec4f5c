"""Users, as auth sees it."""

from typing import Any

from services.auth.domain import ENDED
from shared.errors import NotFound, Unauthorized
from shared.http import Peer


class Users:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def with_credentials(self, username: str, password: str) -> dict[str, Any]:
        """The profile of who has this name and password; raises Unauthorized when nobody does."""
        given = {"username": username, "password": password}
        return dict(await self._peer.post("/credentials", dict, given))

    async def read(self, user_id: str) -> dict[str, Any]:
        """The profile of who is logged in; raises Unauthorized when there is no such user any
        more.
        """
        try:
            return dict(await self._peer.get("/users/{user_id}", dict, user_id=user_id))
        except NotFound:
            raise Unauthorized(ENDED) from None
