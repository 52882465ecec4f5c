"""What was bought, and where it is."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response

from services.frontend.clients import Gateway
from services.frontend.routes.shell import Shell
from services.frontend.routes.visit import Arrived
from shared.telemetry.decorator import Trace

OrderId = Annotated[str, Path(max_length=64)]


def add_orders(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/orders")
    async def list_orders(visit: Arrived) -> Response:
        return shell.page(visit, "orders.html", orders=await gateway.orders(*visit.known()))

    @router.get("/orders/{order_id}")
    async def show_order(visit: Arrived, order_id: OrderId, placed: bool = False) -> Response:
        order = await gateway.order(visit.token, order_id)
        return shell.page(visit, "order.html", order=order, placed=placed)

    @router.get("/orders/{order_id}/status")
    @Trace(disable_tracing=True)
    async def show_status(visit: Arrived, order_id: OrderId) -> Response:
        """The status alone, as the order's page asks for it while it is looked at."""
        order = await gateway.order(visit.token, order_id)
        told = {"says": order.says, "step": order.step, "ended": order.ended}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})
