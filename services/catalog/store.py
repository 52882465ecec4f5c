"""Where products are kept, and the file they come from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from services.catalog.domain import Product
from shared.hooks import Choice
from shared.mocks import read_mocks
from shared.single_flight import Sharing
from shared.stores.documents import Documents


class Reading(Protocol):
    """How several products are read."""

    async def all(self) -> list[Product]:
        """Every product."""

    async def of(self, ids: Sequence[str]) -> list[Product]:
        """The products with these ids that there are, in the order of `ids`."""


class Batch:
    """One operation for all of them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def all(self) -> list[Product]:
        return [Product.of(document) for document in await self._documents.all()]

    async def of(self, ids: Sequence[str]) -> list[Product]:
        return [Product.of(document) for document in await self._documents.get_many(ids)]


class OneByOne:
    """One operation for each of them, as an object-relational mapper does that loads lazily: the
    N+1 queries that nobody sees in the code that causes them.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def all(self) -> list[Product]:
        return await self.of([document["id"] for document in await self._documents.all()])

    async def of(self, ids: Sequence[str]) -> list[Product]:
        found = [await self._documents.get(id_) for id_ in ids]
        return [Product.of(document) for document in found if document]


class ProductStore:
    """`reading` and `sharing` give the strategy for each request: how several products are read,
    and whether those who ask for all of them at the same time share one reading.
    """

    def __init__(
        self,
        documents: Documents,
        reading: Choice[Reading],
        sharing: Choice[Sharing[list[Product]]],
    ) -> None:
        self._documents, self._reading, self._sharing = documents, reading, sharing

    async def seed(self, products: Sequence[Product]) -> None:
        """Keeps these products, as they are described now."""
        await self._documents.seed({product.id: product.document() for product in products})
        # The file alone says what a product is, so a newer file wins over what was kept.
        kept = await self.of([product.id for product in products])
        for product in set(products) - set(kept):
            await self._documents.put(product.id, product.document())

    async def all(self) -> list[Product]:
        """Every product."""
        return await self._sharing().shared("all", lambda: self._reading().all())

    async def of(self, ids: Sequence[str]) -> list[Product]:
        """The products with these ids that there are, in the order of `ids`."""
        return await self._reading().of(ids)

    async def read(self, id_: str) -> Product | None:
        document = await self._documents.get(id_)
        return Product.of(document) if document else None


def read_products(folder: Path) -> list[Product]:
    """What the shop sells, as it was generated."""
    return [Product.of(row) for row in read_mocks(folder / "products.json")["products"]]
