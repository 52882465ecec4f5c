"""Suggestions, as the journal sees it."""

from collections.abc import Iterable, Mapping

from shared.contracts.suggestions import SuggestedIds, SuggestedIdsOfMany
from shared.http import Peer


class Suggestions:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, article_id: str) -> tuple[str, ...]:
        """The ids of the articles that go with one article."""
        path = "/suggestions/v1/{article_id}"
        return (await self._peer.get(path, SuggestedIds, article_id=article_id)).root

    async def of_all(self, article_ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        """The same for many articles, in one call."""
        query = {"ids": ",".join(article_ids)}
        return (await self._peer.get("/suggestions/v1/", SuggestedIdsOfMany, query=query)).root
