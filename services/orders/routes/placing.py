from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Path
from fastapi.responses import JSONResponse

from services.orders.domain import told
from services.orders.flows.checkout import Checkout
from services.orders.routes.bodies import OrderBody

UserId = Annotated[str, Path(min_length=1, max_length=64)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{8,64}$")]


def placing(checkout: Checkout) -> APIRouter:
    router = APIRouter(tags=["checkout"])

    @router.post("/users/{user_id}/orders", status_code=201)
    async def place_order(user_id: UserId, body: OrderBody, key: Key = None) -> Any:
        """Without a key it is an order of its own, and cannot be submitted again."""
        wanted = body.wanted(user_id, key or uuid4().hex)
        order, first = await checkout.place(wanted)
        return JSONResponse(told.receipt(order), 201 if first else 200)

    return router
