"""Users, as auth sees it."""

from services.auth.domain import ENDED
from shared.contracts.users import Profile
from shared.errors import NotFound, Unauthorized
from shared.http import Peer


class Users:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def with_credentials(self, username: str, password: str) -> Profile:
        """The profile of who has this name and password; raises Unauthorized when nobody does."""
        credentials = {"username": username, "password": password}
        return await self._peer.post("/credentials", Profile, credentials)

    async def read(self, user_id: str) -> Profile:
        """The profile of who is logged in; raises Unauthorized when there is no such user any
        more.
        """
        try:
            return await self._peer.get("/users/{user_id}", Profile, user_id=user_id)
        except NotFound:
            raise Unauthorized(ENDED) from None
