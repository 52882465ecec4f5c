from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.shipping.clients import Carrier
from services.shipping.store import ShipmentStore
from shared.errors import NotFound


def routes(store: ShipmentStore, carrier: Carrier) -> APIRouter:
    router = APIRouter(tags=["shipping"])

    @router.get("/order/{order_id}/status")
    async def read_status(order_id: str) -> Any:
        shipment = await store.of(order_id)
        if shipment is None:
            raise NotFound(f"no shipment for order {order_id}")
        return JSONResponse({"id": order_id, "status": await carrier.state(shipment.tracking)})

    return router
