from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from opentelemetry import trace

from services.orders import domain
from services.orders.clients import Shipping
from services.orders.store import OrderStore
from shared.errors import NotFound, UpstreamError


def routes(store: OrderStore, shipping: Shipping) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.get("/order/{order_id}")
    async def read_order(order_id: str, user: str) -> Any:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        order = await store.read(order_id)
        if order is None or order.user_id != user:
            raise NotFound(f"no order {order_id}")
        try:
            status = await shipping.status(order_id)
        except UpstreamError:
            # The order is still answered, so this span is no error: only the one below it is.
            trace.get_current_span().set_attribute("acmeshop.resilience.outcome", "fallback")
            status = domain.STATUS_UNKNOWN
        return JSONResponse(domain.answer(order, status))

    return router
