"""The shop's journal, and what goes with what."""

from typing import Any

from shared.http import Peer


class Articles:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def all(self, with_suggested: bool) -> Any:
        query = {"with_suggested": "1"} if with_suggested else None
        return await self._peer.get("/articles/v1/", dict, query=query)

    async def read(self, article_id: str) -> Any:
        return await self._peer.get("/articles/v1/{article_id}", dict, article_id=article_id)


class Suggestions:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, thing_id: str) -> Any:
        """The ids of what goes with an article or a product."""
        return await self._peer.get("/suggestions/v1/{thing_id}", list, thing_id=thing_id)
