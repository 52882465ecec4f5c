"""The catalog, as carts see it."""

from shared.contracts.catalog import OneProduct, Product
from shared.errors import NotFound
from shared.http import Peer


class Products:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def find(self, product_id: str) -> Product | None:
        """The product, or None when the catalog knows none by this id."""
        path = "/products/{product_id}"
        try:
            return (await self._peer.get(path, OneProduct, product_id=product_id)).data
        except NotFound:
            return None
