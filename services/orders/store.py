"""Where orders are kept."""

from services.orders.domain import SEEDED, Order
from shared.stores.documents import Documents


class OrderStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def seed(self) -> None:
        """The guest's orders, which every new shop has."""
        await self._documents.seed({order.id: order.document() for order in SEEDED})

    async def read(self, order_id: str) -> Order | None:
        document = await self._documents.get(order_id)
        return Order.of(document) if document else None
