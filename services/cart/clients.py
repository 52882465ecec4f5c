"""The catalog, as carts see it."""

from dataclasses import dataclass

from shared.errors import NotFound
from shared.http import Peer
from shared.money import Cents, cents


@dataclass(frozen=True)
class Product:
    name: str
    price: Cents
    description: str


class Products:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def find(self, product_id: str) -> Product | None:
        """The product, or None when the catalog knows none by this id."""
        try:
            answer = await self._peer.get("/products/{product_id}", dict, product_id=product_id)
        except NotFound:
            return None
        told = answer["data"]
        return Product(told["name"], cents(told["price"]), told["shortDescription"])
