from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from services.gateway.clients.carts import Carts
from services.gateway.domain import User
from services.gateway.routes.bodies import Change, Item
from services.gateway.routes.callers import Callers
from services.gateway.routes.paths import post


def routes(callers: Callers, carts: Carts) -> APIRouter:
    router = APIRouter(prefix="/cart", tags=["cart"])

    @router.get("/items/{userid}")
    async def read_cart(user: Annotated[User, Depends(callers.owner)]) -> Any:
        return told(await carts.of(user.id))

    @post(router, "/item/add/{userid}")
    async def add_item(user: Annotated[User, Depends(callers.owner)], item: Item) -> Any:
        return told(await carts.add(user.id, item.sent()))

    @post(router, "/item/modify/{userid}")
    async def change_item(user: Annotated[User, Depends(callers.owner)], change: Change) -> Any:
        return told(await carts.change(user.id, change.itemid, change.quantity))

    @router.get("/items/total/{userid}")
    async def count_items(user: Annotated[User, Depends(callers.owner)]) -> Any:
        cart = await carts.of(user.id)
        return JSONResponse({"userid": user.id, "cartitemtotal": cart["quantity"]})

    @router.get("/total/{userid}")
    async def total_cart(user: Annotated[User, Depends(callers.owner)]) -> Any:
        cart = await carts.of(user.id)
        return JSONResponse({"userid": user.id, "carttotal": cart["total"]})

    @router.get("/clear/{userid}")
    async def clear_cart(user: Annotated[User, Depends(callers.owner)]) -> Any:
        return told(await carts.clear(user.id))

    return router


def told(cart: dict[str, Any]) -> JSONResponse:
    return JSONResponse({"userid": cart["userid"], "cart": cart["cart"]})
