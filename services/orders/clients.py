"""The services orders leans on, and the only parts of them it knows."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.orders.domain.basket import Line
from services.orders.domain.order import Order
from shared.errors import NotFound, Unavailable
from shared.http import Peer
from shared.money import Cents, cents
from shared.stores.streams import Stream

ATTEMPTS = 3
AT_ONCE = 100


@dataclass(frozen=True)
class Card:
    """A card on its way through: orders hands it on, and neither looks at it nor keeps it."""

    details: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Payment:
    """What payment's ledger says of an order: `status` is "charged", "declined", "pending", ..."""

    status: str
    transaction_id: str = ""
    reason: str = ""


class Carts:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, user_id: str) -> list[Line]:
        answer = await self._peer.get("/carts/{user_id}", dict, user_id=user_id)
        return [
            Line(item["itemid"], item["name"], item["quantity"], cents(item["price"]))
            for item in answer["cart"]
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
        answer = await self._peer.get("/products", dict, query={"ids": ",".join(ids)})
        return {product["id"]: cents(product["price"]) for product in answer["data"]}


class Payments:
    """Payment does everything once for each order, so it may be asked again when it did not answer;
    no other service that takes part in a checkout tries anything twice.
    """

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def charge(self, order: Order, card: Card) -> Payment:
        """Raises PaymentRequired when the card is refused, Conflict when the order's payment was
        voided; after any UpstreamError nobody knows.
        """
        body = {
            "order_id": order.id,
            "user_id": order.user_id,
            "amount_cents": order.total,
            "card": dict(card.details),
        }
        headers = {"idempotency-key": order.id}
        return paid(
            await self._peer.post("/charges", dict, body, headers=headers, attempts=ATTEMPTS)
        )

    async def of(self, order_id: str) -> Payment:
        """What became of the order's payment; "unknown" when payment never heard of it."""
        try:
            return paid(await self._peer.get("/charges/{order_id}", dict, order_id=order_id))
        except NotFound:
            return Payment("unknown")

    async def void(self, order_id: str) -> None:
        """Afterwards nothing is charged for the order, and nothing ever will be."""
        template = "/charges/{order_id}/void"
        await self._peer.post(template, dict, {}, attempts=ATTEMPTS, order_id=order_id)


class Shipping:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def status(self, order_id: str) -> str:
        answer = await self._peer.get("/order/{order_id}/status", dict, order_id=order_id)
        return str(answer["status"])

    async def shipped(self, order_ids: list[str]) -> set[str]:
        """Those of the orders that are shipped, asked for a hundred at a time."""
        found: set[str] = set()
        for start in range(0, len(order_ids), AT_ONCE):
            ids = ",".join(order_ids[start : start + AT_ONCE])
            answer = await self._peer.get("/shipments", dict, query={"orders": ids})
            found |= {shipment["order_id"] for shipment in answer["data"]}
        return found


class Announcements:
    """The stream of orders that were placed, which shipping reads."""

    def __init__(self, stream: Stream, seconds: float) -> None:
        self._stream, self._seconds = stream, seconds

    async def publish(self, event: dict[str, Any]) -> None:
        """Raises Unavailable when the stream does not take it within its share of time."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._stream.publish(event)
        except TimeoutError:
            told = f"the stream did not take the event within {self._seconds:g} s"
            raise Unavailable(told) from None


def paid(answer: dict[str, Any]) -> Payment:
    return Payment(answer["status"], answer.get("transaction_id", ""), answer.get("reason", ""))
