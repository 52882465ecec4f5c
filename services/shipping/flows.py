"""From an order that was placed to a shipment that is on its way."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time

from opentelemetry import trace

from services.shipping.clients.carrier import Carrier
from services.shipping.domain import Shipment, order_of
from services.shipping.store import ShipmentStore
from shared.moments import rfc3339
from shared.stores.streams import Message


@dataclass(frozen=True)
class Dispatch:
    """An event may come more than once, and a crash may come after any step: the carrier takes an
    order's parcel once, the store keeps its shipment once, and only then the event is done with.
    """

    store: ShipmentStore
    carrier: Carrier
    clock: Callable[[], float] = time

    async def ship(self, message: Message) -> None:
        """Ships the order of an event; when it raises, the event comes again."""
        order_id = order_of(message.body)
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        if await self.store.of(order_id) is None:
            tracking = await self.carrier.book(order_id)
            await self.store.add(Shipment(order_id, tracking, rfc3339(self.clock())))
