from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse

from services.gateway.clients.orders import Orders
from services.gateway.domain import User
from services.gateway.routes.bodies import Order
from services.gateway.routes.callers import Callers
from services.gateway.routes.paths import Id, post

Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{8,64}$")]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(callers: Callers, orders: Orders) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.get("/orders/{order_id}")
    async def read_order(order_id: Id, user: Annotated[User, Depends(callers.anyone)]) -> Any:
        return JSONResponse(await orders.read(order_id, user.id))

    @post(router, "/order/add/{userid}", 201)
    async def place_order(
        user: Annotated[User, Depends(callers.owner)], order: Order, key: Key = None
    ) -> Any:
        placed = await orders.place(user.id, order.sent(), key or uuid4().hex)
        return JSONResponse(placed.receipt, 201 if placed.first else 200)

    # Before the route of a user's orders, which would take `all` for a user.
    @router.get("/order/all", dependencies=[Depends(callers.staff)])
    async def list_all_orders(after: After = "", limit: Limit = 100) -> Any:
        """Everybody's orders, for the staff; the next page comes after the last id of this one."""
        return JSONResponse(await orders.all(after, limit))

    @router.get("/order/{userid}")
    async def list_orders(user: Annotated[User, Depends(callers.owner)]) -> Any:
        return JSONResponse(await orders.of(user.id))

    return router
