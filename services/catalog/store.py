"""Where products are kept, and the file they come from."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from chaos.engine.engine import Faults
from services.catalog.domain import Product
from shared.mocks import read_mocks
from shared.single_flight import SingleFlight
from shared.stores.documents import Documents


class ProductStore:
    def __init__(self, documents: Documents, faults: Faults) -> None:
        self._documents, self._faults = documents, faults
        self._reading: SingleFlight[list[Product]] = SingleFlight(faults)

    async def seed(self, products: Sequence[Product]) -> None:
        """Keeps these products, as they are described now."""
        await self._documents.seed({product.id: product.document() for product in products})
        # The file alone says what a product is, so a newer file wins over what was kept.
        kept = await self.of([product.id for product in products])
        for product in set(products) - set(kept):
            await self._documents.put(product.id, product.document())

    async def all(self) -> list[Product]:
        """Every product; those who ask at the same time share one reading."""
        return await self._reading.shared("all", self._all)

    async def _all(self) -> list[Product]:
        products = [Product.of(document) for document in await self._documents.all()]
        if self._faults.behaves("n_plus_one"):
            return await self._one_by_one([product.id for product in products])
        return products

    async def of(self, ids: Sequence[str]) -> list[Product]:
        """The products with these ids that there are, in the order of `ids`."""
        if self._faults.behaves("n_plus_one"):
            return await self._one_by_one(ids)
        return [Product.of(document) for document in await self._documents.get_many(ids)]

    async def _one_by_one(self, ids: Iterable[str]) -> list[Product]:
        found = [await self.read(id_) for id_ in ids]
        return [product for product in found if product is not None]

    async def read(self, id_: str) -> Product | None:
        document = await self._documents.get(id_)
        return Product.of(document) if document else None


def read_products(folder: Path) -> list[Product]:
    """What the shop sells, as it was generated."""
    return [Product.of(row) for row in read_mocks(folder / "products.json")["products"]]
