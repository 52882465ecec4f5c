"""The cart: what lies in it, and putting in and taking out."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.frontend.clients import Gateway
from services.frontend.domain.forms import quantity_of
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import Submitted
from services.frontend.routes.visit import Arrived
from shared.errors import BadRequest


def add_cart(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/cart")
    async def show_cart(visit: Arrived) -> Response:
        return shell.page(visit, "cart.html", cart=await gateway.cart(*visit.known()))

    @router.post("/cart/items")
    async def add_item(visit: Arrived, form: Submitted) -> Response:
        user, token = visit.known()
        quantity = asked(form.get("quantity", "1"))
        await gateway.add(user, token, form.get("product", "")[:64], max(1, quantity))
        return shell.lead(visit, "/cart")

    @router.post("/cart/items/{item_id}")
    async def change_item(
        visit: Arrived, form: Submitted, item_id: Annotated[str, Path(max_length=64)]
    ) -> Response:
        user, token = visit.known()
        await gateway.change(user, token, item_id, asked(form.get("quantity", "")))
        return shell.lead(visit, "/cart")


def asked(text: str) -> int:
    quantity = quantity_of(text)
    if quantity is None:
        raise BadRequest(f"the quantity must be a number from 0 to 99, not {text[:20]!r}")
    return quantity
