from typing import Annotated

from fastapi import APIRouter, Path, Query
from opentelemetry import trace

from services.shipping.domain import Shipment
from services.shipping.flows import Handover, Tracking
from services.shipping.store import ShipmentStore
from shared.contracts import shipping
from shared.contracts.sent import THING_IDS
from shared.errors import BadRequest, NotFound
from shared.openapi import errors

MOST = 100

OrderId = Annotated[str, Path(min_length=1, max_length=64)]
Ids = Annotated[str, Query(max_length=65 * MOST, pattern=THING_IDS)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(store: ShipmentStore, tracking: Tracking, handover: Handover) -> APIRouter:
    router = APIRouter(tags=["shipping"])

    @router.get("/order/{order_id}/status", responses=errors(404))
    async def read_status(order_id: OrderId) -> shipping.ShipmentStatus:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        shipment = await store.of(order_id)
        if shipment is None:
            raise NotFound(f"no shipment for order {order_id}")
        return shipping.ShipmentStatus(
            id=order_id,
            status=await tracking.status(shipment),
            service=shipment.service,
            promised_by=shipment.promised_by,
        )

    @router.get("/statuses")
    async def read_statuses(orders: Ids) -> shipping.ShipmentStatuses:
        """Where the shipments of some orders are, as in `a,b,c`; without one it is left out."""
        shipments = await store.of_many(ids_of(orders))
        known = await tracking.statuses(shipments)
        return shipping.ShipmentStatuses(
            data=tuple(shipping.ShipmentStatus(id=id_, status=says) for id_, says in known.items()),
            unknown=tuple(one.order_id for one in shipments if one.order_id not in known),
        )

    @router.get("/shipments")
    async def list_shipments(
        orders: Ids = "", after: After = "", limit: Limit = 100
    ) -> shipping.Shipments:
        """The shipments of some orders, as in `a,b,c`; without them all, page by page: the next
        page comes after the last order's id of this one.
        """
        found = await store.of_many(ids_of(orders)) if orders else await store.page(after, limit)
        return shipping.Shipments(data=tuple(map(answer, found)))

    @router.post("/batches", status_code=201)
    async def make_batches() -> shipping.Batches:
        """Hands over what waits now, and not only when it is time again."""
        made = await handover.hand_over()
        return shipping.Batches(
            data=tuple(shipping.Batch(id=id_, orders=orders) for id_, orders in made.items())
        )

    return router


def answer(shipment: Shipment) -> shipping.Shipment:
    return shipping.Shipment(
        order_id=shipment.order_id,
        tracking=shipment.tracking,
        shipped_at=shipment.shipped_at,
        status=shipment.status,
        service=shipment.service,
        promised_by=shipment.promised_by,
    )


def ids_of(orders: str) -> list[str]:
    ids = [id_ for id_ in orders.split(",") if id_]
    if len(ids) > MOST:
        raise BadRequest(f"orders: {len(ids)} ids, at most {MOST} are allowed")
    return ids
