"""The catalog."""

from collections.abc import Mapping
from typing import Any

from shared.http import Peer


class Products:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def all(self, asked: Mapping[str, str]) -> Any:
        """All products, or those that were asked for by words `q`, by `tag` or by `ids`."""
        return await self._peer.get("/products", dict, query=asked)

    async def read(self, product_id: str) -> Any:
        return await self._peer.get("/products/{product_id}", dict, product_id=product_id)

    async def tags(self) -> Any:
        return await self._peer.get("/tags", dict)
