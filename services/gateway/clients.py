"""The services behind the gateway, and the only parts of them it knows."""

from typing import Any

from shared.errors import Unavailable, Unreachable, UpstreamError
from shared.http import Peer


class Auth:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def user_id(self) -> str:
        """Who is calling; raises Unavailable when auth cannot tell."""
        try:
            user = await self._peer.get("/auth")
        except UpstreamError as error:
            raise Unavailable("Auth Service gave an error") from error
        return str(user["id"])


class Orders:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, order_id: str, user_id: str) -> Any:
        """The order, if it is the user's; raises Unavailable when orders cannot be reached."""
        try:
            return await self._peer.get(
                "/order/{order_id}", query={"user": user_id}, order_id=order_id
            )
        except Unreachable as error:
            raise Unavailable("Error contacting Orders service") from error


class Articles:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def all(self, with_suggested: bool) -> Any:
        query = {"with_suggested": "1"} if with_suggested else None
        return await self._peer.get("/articles/v1/", query=query)

    async def read(self, article_id: str) -> Any:
        return await self._peer.get("/articles/v1/{article_id}", article_id=article_id)


class Suggestions:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, article_id: str) -> Any:
        return await self._peer.get("/suggestions/v1/{article_id}", article_id=article_id)
