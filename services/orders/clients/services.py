"""The services that orders calls, but for payment, and the stream that it publishes to."""

import asyncio
from collections.abc import Iterable

from services.orders.domain import Line, Order
from shared.contracts.cart import Cart
from shared.contracts.catalog import Products as Listed
from shared.contracts.orders import OrderPlaced
from shared.contracts.shipping import Shipments, ShipmentStatus, ShipmentStatuses
from shared.errors import Unavailable
from shared.http import Peer
from shared.money import Cents, cents
from shared.stores.streams import Stream

BATCH = 100


class Carts:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, user_id: str) -> list[Line]:
        """What lies in the user's cart, at the prices it has there."""
        cart = await self._peer.get("/carts/{user_id}", Cart, user_id=user_id)
        return [
            Line(item.itemid, item.name, item.quantity, cents(item.price)) for item in cart.cart
        ]

    async def take_out(self, order: Order) -> None:
        """Takes out of the buyer's cart what was ordered, and leaves what came in since."""
        only = {line.id: line.quantity for line in order.lines}
        await self._peer.post("/carts/{user_id}/clear", dict, {"only": only}, user_id=order.user_id)


class Products:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def prices(self, ids: Iterable[str]) -> dict[str, Cents]:
        """The prices of those products that there are, in one call."""
        found = await self._peer.get("/products", Listed, query={"ids": ",".join(ids)})
        return {product.id: cents(product.price) for product in found.data}


class Shipping:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def status(self, order_id: str) -> str:
        path = "/order/{order_id}/status"
        return (await self._peer.get(path, ShipmentStatus, order_id=order_id)).status

    async def statuses(self, order_ids: list[str]) -> dict[str, str | None]:
        """Those of the orders that have a shipment, asked for a hundred at a time; None where its
        carrier could not be reached.
        """
        found: dict[str, str | None] = {}
        for start in range(0, len(order_ids), BATCH):
            ids = ",".join(order_ids[start : start + BATCH])
            page = await self._peer.get("/statuses", ShipmentStatuses, query={"orders": ids})
            found |= {shipment.id: shipment.status for shipment in page.data}
            found |= dict.fromkeys(page.unknown)
        return found

    async def shipped(self, order_ids: list[str]) -> set[str]:
        """Those of the orders that are shipped, read a hundred at a time."""
        found: set[str] = set()
        for start in range(0, len(order_ids), BATCH):
            ids = ",".join(order_ids[start : start + BATCH])
            page = await self._peer.get("/shipments", Shipments, query={"orders": ids})
            found |= {shipment.order_id for shipment in page.data}
        return found


class Announcements:
    """The stream of orders that were placed, which shipping reads."""

    def __init__(self, stream: Stream, seconds: float) -> None:
        self._stream, self._seconds = stream, seconds

    async def publish(self, order: Order) -> None:
        """Raises Unavailable when the stream does not take it within its share of time."""
        event = OrderPlaced(
            order_id=order.id,
            user_id=order.user_id,
            total_cents=order.total,
            placed_at=order.placed_at,
        )
        try:
            async with asyncio.timeout(self._seconds):
                await self._stream.publish(event.model_dump())
        except TimeoutError:
            why = f"the stream did not take the event within {self._seconds:g} s"
            raise Unavailable(why) from None
