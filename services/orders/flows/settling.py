"""The two ways a reserved order ends. Whoever finds it half done may take either, at any time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import time

from opentelemetry import trace

from services.orders.clients import Announcements, Carts, Payments
from services.orders.domain import told
from services.orders.domain.order import CANCELLED, CANCELLING, PLACED, Order
from services.orders.store import OrderStore
from shared.errors import NotFound, ShopError

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Settling:
    """Brings a reserved order to its end: `complete` after a charge, or else `cancel`.

    The change of the order's state decides. It comes before any step that only one of the two may
    take: the order is announced only when it is placed, its money given back only when it can be
    placed no more.
    """

    store: OrderStore
    payments: Payments
    announcements: Announcements
    carts: Carts
    clock: Callable[[], float] = time

    async def complete(self, order: Order, transaction_id: str) -> Order:
        """The order as it stands after its charge: placed, unless somebody cancelled it before."""
        placed = await self.store.change(
            order, state=PLACED, transaction_id=transaction_id, touched_at=self.clock()
        )
        if placed is None:
            return await self.as_kept(order)
        await self._announce(placed)
        await self._take_out(placed)
        return placed

    async def cancel(self, order: Order, reason: str, *, refused: bool = False) -> Order:
        """The order as it stands: cancelled, unless somebody settled it before."""
        cancelling = await self.store.change(
            order, state=CANCELLING, reason=reason, refused=refused, touched_at=self.clock()
        )
        if cancelling is None:
            return await self.as_kept(order)
        try:
            return await self.give_back(cancelling)
        except ShopError as error:
            survived(f"the payment of order {order.id} will be voided later: {error}")
            return cancelling

    async def give_back(self, order: Order) -> Order:
        """Ends the cancelling: there is no charge for the order, and never will be."""
        await self.payments.void(order.id)
        return await self.store.change(order, state=CANCELLED) or await self.as_kept(order)

    async def as_kept(self, order: Order) -> Order:
        kept = await self.store.read(order.id)
        if kept is None:
            raise NotFound(f"order {order.id} is gone")
        return kept

    # The order is placed: what fails from here on, the recovery makes up for, or nobody misses.

    async def _announce(self, order: Order) -> None:
        try:
            await self.announcements.publish(told.event(order))
        except ShopError as error:
            survived(f"order {order.id} will be announced later: {error}")

    async def _take_out(self, order: Order) -> None:
        try:
            await self.carts.take_out(order)
        except ShopError as error:
            survived(f"what order {order.id} has stays in the cart: {error}")


def survived(what: str) -> None:
    """Says on the current span, which is no error, and in the log that something is left for
    later.
    """
    trace.get_current_span().set_attribute("acmeshop.resilience.outcome", "fallback")
    log.warning("%s", what)
