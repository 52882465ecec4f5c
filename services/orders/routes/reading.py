from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from opentelemetry import trace

from services.orders.domain import told
from services.orders.domain.order import Order
from services.orders.routes.statuses import Statuses
from services.orders.store import OrderStore
from shared.errors import NotFound

Id = Annotated[str, Path(min_length=1, max_length=64)]
User = Annotated[str, Query(min_length=1, max_length=64)]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def reading(store: OrderStore, statuses: Statuses) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.get("/order/{order_id}")
    async def read_order(order_id: Id, user: User) -> Any:
        trace.get_current_span().set_attribute("acmeshop.order.id", order_id)
        order = await store.read(order_id)
        if order is None or not order.is_open_to(user):
            raise NotFound(f"no order {order_id}")
        return JSONResponse(told.answer(order, await statuses.of(order)))

    @router.get("/users/{user_id}/orders")
    async def list_orders(user_id: Id) -> Any:
        return JSONResponse(await told_of(await store.of_user(user_id)))

    @router.get("/orders")
    async def list_all_orders(after: After = "", limit: Limit = 100) -> Any:
        """Everybody's orders, for the staff; the next page comes after the last id of this one."""
        return JSONResponse(await told_of(await store.page(after, limit)))

    async def told_of(orders: list[Order]) -> dict[str, Any]:
        both = zip(orders, await statuses.of_all(orders), strict=True)
        return {"data": [told.answer(order, status) for order, status in both]}

    return router
