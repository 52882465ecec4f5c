"""Payment, as orders sees it; and how it is called over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.orders.domain import Order
from shared.contracts.payment import Charge
from shared.errors import NotFound
from shared.http import Peer

ATTEMPTS = 3


@dataclass(frozen=True)
class Card:
    """A card on its way through: orders hands it on, and neither looks at it nor keeps it."""

    details: Mapping[str, str] = field(repr=False)


class Payments(Protocol):
    """Payment does everything once for each order, so a call may be repeated when there was no
    answer; no other service that takes part in a checkout tries anything twice.
    """

    async def charge(self, order: Order, card: Card) -> Charge:
        """Raises PaymentRequired when the card is refused, Conflict when the order's payment was
        voided; after any UpstreamError nobody knows.
        """

    async def of(self, order_id: str) -> Charge | None:
        """What became of the order's payment; None when payment never heard of it."""

    async def void(self, order_id: str) -> None:
        """Afterwards nothing is charged for the order, and nothing ever will be."""


class HttpPayments:
    """Payment over HTTP."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def charge(self, order: Order, card: Card) -> Charge:
        body = {
            "order_id": order.id,
            "user_id": order.user_id,
            "amount_cents": order.total,
            "card": dict(card.details),
        }
        headers = {"idempotency-key": order.id}
        return await self._peer.post("/charges", Charge, body, headers=headers, attempts=ATTEMPTS)

    async def of(self, order_id: str) -> Charge | None:
        try:
            return await self._peer.get("/charges/{order_id}", Charge, order_id=order_id)
        except NotFound:
            return None

    async def void(self, order_id: str) -> None:
        template = "/charges/{order_id}/void"
        await self._peer.post(template, Charge, {}, attempts=ATTEMPTS, order_id=order_id)
