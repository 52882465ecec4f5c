"""Where products are kept, and the file they come from."""

from collections.abc import Sequence
from pathlib import Path

from services.catalog.domain import Product
from shared.mocks import read_mocks
from shared.stores.documents import Documents


class ProductStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def seed(self, products: Sequence[Product]) -> None:
        """Keeps these products, as they are told now."""
        await self._documents.seed({product.id: product.told() for product in products})
        # Nobody but the file tells what a product is, so a newer file wins over what was kept.
        kept = await self.of([product.id for product in products])
        for product in set(products) - set(kept):
            await self._documents.put(product.id, product.told())

    async def all(self) -> list[Product]:
        return [Product.of(document) for document in await self._documents.all()]

    async def of(self, ids: Sequence[str]) -> list[Product]:
        """The products with these ids that there are, in the order of `ids`."""
        return [Product.of(document) for document in await self._documents.get_many(ids)]

    async def read(self, id_: str) -> Product | None:
        document = await self._documents.get(id_)
        return Product.of(document) if document else None


def read_products(folder: Path) -> list[Product]:
    """What the shop sells, as it was generated."""
    return [Product.of(row) for row in read_mocks(folder / "products.json")["products"]]
