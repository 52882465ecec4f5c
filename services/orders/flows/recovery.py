"""What a crash left half done is found, and brought to its end."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import time

from opentelemetry import trace
from opentelemetry.trace import Link, Span

from services.orders.clients.payments import Payments
from services.orders.clients.services import Announcements, Shipping
from services.orders.domain import CANCELLING, PLACED, RESERVED, SHIPPED, Order
from services.orders.flows.checkout import Settling
from services.orders.store import OrderStore
from shared.errors import ShopError
from shared.session import TIER
from shared.telemetry.baggage import carrying
from shared.telemetry.links import link_to
from shared.telemetry.suppression import suppress_instrumentation

MOST = 500
NEVER_PAID = "its payment was never confirmed, and nothing is charged"

log = logging.getLogger("acmeshop")
tracer = trace.get_tracer(__name__)


@dataclass(frozen=True)
class Recovery:
    """Looks at orders nobody has worked on for `wait` seconds; those that are not paid yet, for
    `patience`, since their buyers may press again. To look leaves no spans; each order that is
    brought on is a trace of its own.
    """

    store: OrderStore
    payments: Payments
    shipping: Shipping
    announcements: Announcements
    settling: Settling
    wait: float
    patience: float
    clock: Callable[[], float] = time

    async def settle_orders(self) -> None:
        """Completes or cancels the orders whose buyers never heard the end of it."""
        with suppress_instrumentation():
            found = [
                *await self._due(RESERVED, self.patience),
                *await self._due(CANCELLING, self.wait),
            ]
        for order in found:
            try:
                await self._settle(order)
            except ShopError as error:
                log.warning("order %s is not settled yet: %s", order.id, error)

    async def follow_shipments(self) -> None:
        """Notes which orders are shipped, and announces the others again: a stream may lose
        an event.
        """
        with suppress_instrumentation():
            waiting = await self._due(PLACED, self.wait)
            shipped = await self.shipping.shipped([order.id for order in waiting])
            for order in waiting:
                if order.id in shipped:
                    await self.store.change(order, state=SHIPPED)
        for order in waiting:
            if order.id not in shipped:
                await self._announce_again(order)

    async def _due(self, state: str, age: float) -> list[Order]:
        now = self.clock()
        found = await self.store.in_state(state, MOST)
        return [order for order in found if order.is_due(now, age)]

    async def _settle(self, order: Order) -> None:
        with carrying(baggage_of(order)), recovering(order):
            note(order)
            if order.state == CANCELLING:
                note(await self.settling.give_back(order))
            else:
                note(await self._decided(order))

    async def _decided(self, order: Order) -> Order:
        """Payment knows how a reserved order ends. It may still be charging; then one of the two
        changes of the order's state comes too late, and gives way.
        """
        charge = await self.payments.of(order.id)
        if charge is not None and charge.status == "charged":
            return await self.settling.complete(order, charge.transaction_id)
        if charge is not None and charge.status == "declined":
            return await self.settling.cancel(order, charge.reason, refused=True)
        return await self.settling.cancel(order, NEVER_PAID)

    async def _announce_again(self, order: Order) -> None:
        with carrying(baggage_of(order)), recovering(order):
            note(order)
            await self.announcements.publish(order)
            times = order.announced + 1
            await self.store.change(order, announced=times, touched_at=self.clock())


def note(order: Order) -> None:
    span = trace.get_current_span()
    span.set_attribute("acmeshop.order.id", order.id)
    span.set_attribute("acmeshop.order.state", order.state)


def recovering(order: Order) -> AbstractContextManager[Span]:
    return tracer.start_as_current_span("recover order", links=links_to_checkout(order))


def baggage_of(order: Order) -> dict[str, str]:
    """What the checkout had in its baggage and the next services need: the request is long over."""
    return {TIER: order.tier} if order.tier else {}


def links_to_checkout(order: Order) -> list[Link]:
    """A recovery has a trace of its own, since it may come long after; a link leads to the checkout
    that did not get there.
    """
    link = link_to(order.traceparent)
    return [link] if link else []
