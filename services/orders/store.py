"""Where orders are kept."""

from dataclasses import replace
from typing import Any

from services.orders.domain import SEEDED, Order
from shared.stores.documents import Documents

INDEXED = ("user_id", "state")


class OrderStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def seed(self) -> None:
        """The guest's orders: the same at every start, whatever an earlier version kept."""
        for order in SEEDED:
            await self._documents.put(order.id, order.document())

    async def read(self, order_id: str) -> Order | None:
        document = await self._documents.get(order_id)
        return Order.of(document) if document else None

    async def add(self, order: Order) -> bool:
        """Keeps a new order; says whether there was none with this id."""
        return await self._documents.add(order.id, order.document())

    async def change(self, order: Order, **changes: Any) -> Order | None:
        """The order with the changes, if its state still was the one that is known here; else
        None: somebody else decided.
        """
        if not await self._documents.change(order.id, "state", order.state, changes):
            return None
        return replace(order, **changes)

    async def of_user(self, user_id: str) -> list[Order]:
        """The user's orders, the newest first."""
        found = [Order.of(one) for one in await self._documents.find("user_id", user_id)]
        return sorted(found, key=lambda order: order.placed_at, reverse=True)

    async def page(self, after: str, limit: int) -> list[Order]:
        """Everybody's orders in order of their ids."""
        return [Order.of(one) for one in await self._documents.all(after, limit)]

    async def in_state(self, state: str, limit: int) -> list[Order]:
        return [Order.of(one) for one in await self._documents.find("state", state, limit)]
