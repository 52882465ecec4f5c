"""From an order that was placed to a shipment that is on its way, and where that is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from uuid import uuid4

from opentelemetry import baggage, trace

from services.shipping.clients.carrier import Carrier
from services.shipping.domain import WAITING, Shipment, promised, service_for
from services.shipping.store import ShipmentStore
from shared.contracts.orders import OrderPlaced
from shared.errors import Unavailable, UpstreamError
from shared.events import event
from shared.hooks import Choice
from shared.moments import rfc3339
from shared.session import TIER
from shared.stores.streams import Message
from shared.telemetry.links import MOST_LINKS, link_to, traceparent
from shared.telemetry.suppression import suppress_instrumentation
from shared.tracebacks import without_hidden_frames

log = logging.getLogger("acmeshop")
tracer = trace.get_tracer(__name__)


@dataclass(frozen=True)
class Dispatch:
    """An event may come more than once, and a crash may come after any step: the carrier takes an
    order's parcel once, the store keeps its shipment once, and only then the event is done with.
    """

    store: ShipmentStore
    carrier: Carrier
    clock: Callable[[], float] = time

    async def ship(self, message: Message) -> None:
        """Ships the order of an event; when it raises, the event comes again. It raises ValueError
        for an event of another shape.
        """
        order_id = OrderPlaced.model_validate(message.body).order_id
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        if await self.store.of(order_id) is None:
            with tracer.start_as_current_span("pack order") as span:
                service = service_for(str(baggage.get_baggage(TIER)))
                span.set_attribute("acmeshop.shipment.service", service)
                tracking = await self.carrier.book(order_id, service)
                span.add_event("parcel.booked", {"acmeshop.shipment.tracking": tracking})
                now = self.clock()
                by = rfc3339(promised(service, now))
                shipment = Shipment(
                    order_id,
                    tracking,
                    rfc3339(now),
                    service=service,
                    promised_by=by,
                    batch=WAITING,
                    traceparent=traceparent(),
                )
                await self.store.add(shipment)
                booked = event("parcel.booked", {"acmeshop.order.id": order_id})
                log.info("the carrier has order %s as %s", order_id, tracking, extra=booked)


@dataclass(frozen=True)
class Handover:
    """Hands the parcels that wait over to the carrier's driver, `most` in a batch. A batch is a
    trace of its own, with a link to the span that packed each of its orders: it follows from all of
    them, and can be the child of none. To look whether there are any leaves no spans.

    The carrier takes a parcel once, so a batch that ends half-way is made again with others.
    """

    store: ShipmentStore
    carrier: Carrier
    most: int = MOST_LINKS

    async def hand_over(self) -> dict[str, int]:
        """The batches that were made, by their ids, with the number of their orders."""
        made: dict[str, int] = {}
        while shipments := await self._waiting():
            batch = uuid4().hex[:12]
            await self._batch(batch, shipments)
            made[batch] = len(shipments)
        return made

    async def _waiting(self) -> list[Shipment]:
        with suppress_instrumentation():
            return await self.store.waiting(self.most)

    async def _batch(self, batch: str, shipments: list[Shipment]) -> None:
        links = (link_to(one.traceparent, {"acmeshop.order.id": one.order_id}) for one in shipments)
        with tracer.start_as_current_span(
            "shipping batch", links=list(filter(None, links))
        ) as span:
            span.set_attribute("acmeshop.batch.id", batch)
            span.set_attribute("acmeshop.batch.orders", len(shipments))
            await self.carrier.hand_over(batch, [one.tracking for one in shipments])
            await self.store.hand_over(shipments, batch)
            handed = event("batch.handed_over", {"acmeshop.batch.id": batch})
            log.info("the driver has %d parcels", len(shipments), extra=handed)


Fallback = Callable[[Shipment, UpstreamError], str]


def no_fallback(_shipment: Shipment, error: UpstreamError) -> str:
    """The failure of the carrier is the failure of the request."""
    raise error


def last_known(shipment: Shipment, _error: UpstreamError) -> str:
    """The status that the carrier gave last."""
    trace.get_current_span().set_attribute("acmeshop.resilience.outcome", "fallback")
    return shipment.status


@dataclass(frozen=True)
class Tracking:
    """Where shipments are, as the carrier says, or, where it does not, as the `fallback` says."""

    store: ShipmentStore
    carrier: Carrier
    fallback: Choice[Fallback]

    async def status(self, shipment: Shipment) -> str:
        """Raises UpstreamError when the carrier fails and there is no fallback."""
        try:
            status = await self.carrier.state(shipment.tracking)
        except UpstreamError as error:
            return self.fallback()(shipment, error)
        await self._note(shipment, status)
        return status

    async def statuses(self, shipments: list[Shipment]) -> dict[str, str]:
        """The statuses of many, by order, with one call to the carrier, and none for what has
        arrived. Where the carrier fails and there is no fallback, those on their way are left out.
        """
        arrived = {one.order_id: one.status for one in shipments if one.has_arrived}
        moving = [shipment for shipment in shipments if not shipment.has_arrived]
        if not moving:
            return arrived
        try:
            states = await self.carrier.states([shipment.tracking for shipment in moving])
            found = {one.order_id: states.get(one.tracking, one.status) for one in moving}
        except UpstreamError as error:
            return arrived | self._fallbacks(moving, error)
        for shipment in moving:
            await self._note(shipment, found[shipment.order_id])
        return arrived | found

    def _fallbacks(self, moving: list[Shipment], error: UpstreamError) -> dict[str, str]:
        fallback = self.fallback()
        try:
            return {shipment.order_id: fallback(shipment, error) for shipment in moving}
        except UpstreamError:
            trace.get_current_span().set_attribute("acmeshop.resilience.outcome", "fallback")
            return {}

    async def _note(self, shipment: Shipment, status: str) -> None:
        if status == shipment.status:
            return
        try:
            await self.store.note(shipment, status)
        except Unavailable as error:  # the status is known now, so nobody has to miss it
            trace.get_current_span().record_exception(without_hidden_frames(error))
            log.warning("the status of order %s is not kept: %s", shipment.order_id, error)
