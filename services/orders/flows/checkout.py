"""From a cart to a placed order: price, reserve, charge, store, announce, clear the cart; and the
two ways in which a reserved order ends.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import time

from opentelemetry import baggage, metrics, trace

from services.orders.clients.payments import Card, Payments
from services.orders.clients.services import Announcements, Carts, Products
from services.orders.domain import (
    CANCELLED,
    CANCELLING,
    PLACED,
    RESERVED,
    STANDS,
    Buyer,
    Line,
    Order,
    fingerprint_of,
    joined,
    order_id,
    priced,
    total_of,
    why_not,
)
from services.orders.store import OrderStore
from shared.errors import (
    BadRequest,
    Conflict,
    DeadlineExceeded,
    NotFound,
    PaymentRequired,
    ShopError,
    UpstreamError,
)
from shared.events import event
from shared.moments import rfc3339
from shared.money import Cents
from shared.session import TIER
from shared.telemetry.links import traceparent
from shared.tracebacks import without_hidden_frames

log = logging.getLogger("acmeshop")
orders_placed = metrics.get_meter(__name__).create_counter(
    "acmeshop.orders.placed", "{order}", "Orders that were placed."
)
tracer = trace.get_tracer(__name__)


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
        trace.get_current_span().add_event("order.placed")
        orders_placed.add(1)
        placed_now = event("order.placed", {"acmeshop.order.id": order.id})
        log.info("order %s is placed", order.id, extra=placed_now)
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
            survived(error, f"the payment of order {order.id} will be voided later")
            return cancelling

    async def give_back(self, order: Order) -> Order:
        """Ends the cancelling: there is no charge for the order, and never will be."""
        await self.payments.void(order.id)
        cancelled = await self.store.change(order, state=CANCELLED)
        if cancelled is None:
            return await self.as_kept(order)
        trace.get_current_span().add_event("order.cancelled")
        return cancelled

    async def as_kept(self, order: Order) -> Order:
        kept = await self.store.read(order.id)
        if kept is None:
            raise NotFound(f"order {order.id} is gone")
        return kept

    # The order is placed: what fails from here on, the recovery makes up for, or nobody misses.

    async def _announce(self, order: Order) -> None:
        try:
            await self.announcements.publish(order)
        except ShopError as error:
            survived(error, f"order {order.id} will be announced later")

    async def _take_out(self, order: Order) -> None:
        try:
            await self.carts.take_out(order)
        except ShopError as error:
            survived(error, f"what order {order.id} has stays in the cart")


@dataclass(frozen=True)
class Wanted:
    """What a buyer submits: without lines it is the user's cart, and `agreed` is the most it may
    cost.
    """

    user_id: str
    key: str
    card: Card
    buyer: Buyer
    lines: tuple[Line, ...] = ()
    agreed: Cents | None = None

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.lines, self.agreed, self.buyer)


@dataclass(frozen=True)
class Checkout:
    """Any step may be the last one of this process, and every step may be taken twice: what is
    submitted again with the same key goes on with the same order, from wherever that is. It takes
    `seconds` at most.
    """

    store: OrderStore
    carts: Carts
    products: Products
    payments: Payments
    settling: Settling
    seconds: float
    clock: Callable[[], float] = time

    async def place(self, wanted: Wanted) -> tuple[Order, bool]:
        """The order that stands, and whether it was submitted for the first time. Raises why it
        does not stand; after an UpstreamError it may still come to.
        """
        id_ = order_id(wanted.user_id, wanted.key)
        trace.get_current_span().set_attribute("acmeshop.order.id", id_)
        try:
            async with asyncio.timeout(self.seconds):
                return await self._place(id_, wanted)
        except TimeoutError:
            raise DeadlineExceeded(undecided(id_, f"it took over {self.seconds:g} s")) from None

    async def _place(self, id_: str, wanted: Wanted) -> tuple[Order, bool]:
        kept = await self.store.read(id_)
        if kept is None:
            order = await self._drafted(id_, wanted)
            if await self.store.add(order):
                trace.get_current_span().add_event("order.reserved")
                return standing(await self._charged(order, wanted.card)), True
            kept = await self.settling.as_kept(order)
        return standing(await self._resumed(kept, wanted)), False

    async def _drafted(self, id_: str, wanted: Wanted) -> Order:
        """The order as it would be; nothing is kept yet."""
        lines = joined(wanted.lines or await self.carts.of(wanted.user_id))
        with tracer.start_as_current_span("price order") as span:
            span.set_attribute("acmeshop.order.lines", len(lines))
            lines = priced(lines, await self.products.prices(line.id for line in lines))
        return Order(
            id_,
            wanted.user_id,
            RESERVED,
            total_of(lines, wanted.agreed),
            lines,
            wanted.buyer,
            fingerprint=wanted.fingerprint,
            placed_at=rfc3339(now := self.clock()),
            touched_at=now,
            traceparent=traceparent(),
            tier=str(baggage.get_baggage(TIER) or ""),
        )

    async def _resumed(self, order: Order, wanted: Wanted) -> Order:
        """Goes on with an order that was submitted before, at the price it had then."""
        if (order.user_id, order.fingerprint) != (wanted.user_id, wanted.fingerprint):
            raise Conflict("this Idempotency-Key belongs to another order: use a new one")
        if order.state == RESERVED:
            # Somebody is waiting for it again, so the recovery leaves it alone for a while.
            touched = await self.store.change(order, touched_at=self.clock())
            order = touched or await self.settling.as_kept(order)
        return await self._charged(order, wanted.card) if order.state == RESERVED else order

    async def _charged(self, order: Order, card: Card) -> Order:
        try:
            charge = await self.payments.charge(order, card)
        except UpstreamError as error:
            raise type(error)(undecided(order.id, str(error))) from error
        except Conflict as voided:  # most likely the recovery has cancelled the order meanwhile
            return await self.settling.cancel(order, str(voided))
        except (BadRequest, PaymentRequired) as refusal:
            return await self.settling.cancel(order, str(refusal), refused=True)
        return await self.settling.complete(order, charge.transaction_id)


def standing(order: Order) -> Order:
    """The order, if it is one; its end is noted on the current span either way."""
    span = trace.get_current_span()
    span.set_attribute("acmeshop.order.state", order.state)
    span.set_attribute("acmeshop.order.total", order.total)
    if order.state not in STANDS:
        raise why_not(order)
    return order


def undecided(id_: str, why: str) -> str:
    return (
        f"order {id_} is not confirmed yet: {why}. Nothing is charged twice: submit it again with"
        " the same Idempotency-Key, and it goes on"
    )


def survived(error: ShopError, left: str) -> None:
    """Says on the current span, which is no error, and in the log that something is left for
    later, and why.
    """
    span = trace.get_current_span()
    span.set_attribute("acmeshop.resilience.outcome", "fallback")
    span.record_exception(without_hidden_frames(error))
    log.warning("%s: %s", left, error)
