"""Suggestions, as the journal sees it."""

from shared.http import Peer


class Suggestions:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, article_id: str) -> list[str]:
        """The ids of the articles that go with one article."""
        return list(
            await self._peer.get("/suggestions/v1/{article_id}", list, article_id=article_id)
        )

    async def of_all(self, article_ids: list[str]) -> dict[str, list[str]]:
        """The same for many articles, in one call."""
        return dict(
            await self._peer.get("/suggestions/v1/", dict, query={"ids": ",".join(article_ids)})
        )
