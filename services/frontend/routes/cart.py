"""The cart: the user's own at the gateway, and before anybody logs in that of this browser."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from services.frontend.clients import Gateway, Login
from services.frontend.domain.forms import quantity_of
from services.frontend.domain.shop import Cart
from services.frontend.flows.moving import Moved, move_in
from services.frontend.flows.optional import if_possible
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import Submitted
from services.frontend.routes.visit import Arrived, Visit
from shared.errors import BadRequest, Unauthorized
from shared.telemetry.decorator import Trace

ItemId = Annotated[str, Path(max_length=64)]


def add_cart(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    add_shown(router, gateway, shell)
    add_changes(router, gateway, shell)


def add_shown(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/cart")
    async def show_cart(visit: Arrived) -> Response:
        if visit.user is None:
            cart = await anonymous_cart(gateway, visit)
            return shell.page(visit, "cart.html", cart=cart, moved=None)
        user, token = visit.known()
        moved = await bring_along(gateway, visit, Login(user, token))
        cart = moved.cart or await gateway.cart(user, token)
        if moved.refused:  # which is said once
            visit.keep_basket(moved.waiting)
        visit.learn_count(cart.quantity)
        return shell.page(visit, "cart.html", cart=cart, moved=moved)

    @router.get("/cart/count")
    @Trace(disable_tracing=True)
    async def show_count(visit: Arrived) -> Response:
        """How many things are in the user's cart, as a page asks that does not know it yet."""
        if visit.user is not None:
            cart = await if_possible(gateway.cart(*visit.known()))
            if cart is not None:
                visit.learn_count(cart.quantity)
        return shell.data(visit, {"count": visit.count})


def add_changes(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.post("/cart/items")
    async def add_item(visit: Arrived, form: Submitted) -> Response:
        product_id = form.get("product", "")[:64]
        quantity = max(1, quantity_in(form.get("quantity", "1")))
        if visit.user is None:
            product = await gateway.product(product_id)
            visit.keep_basket(visit.basket.added(product.id, quantity))
            return shell.lead(visit, "/cart")
        try:
            cart = await gateway.add(*visit.known(), product_id, quantity)
        except Unauthorized:  # the login comes first, and then it is in the cart
            visit.keep_basket(visit.basket.added(product_id, quantity))
            raise
        visit.learn_count(cart.quantity)
        return shell.lead(visit, "/cart")

    @router.post("/cart/items/{item_id}")
    async def change_item(visit: Arrived, form: Submitted, item_id: ItemId) -> Response:
        quantity = quantity_in(form.get("quantity", ""))
        if visit.user is None:
            visit.keep_basket(visit.basket.changed(item_id, quantity))
        else:
            cart = await gateway.change(*visit.known(), item_id, quantity)
            visit.learn_count(cart.quantity)
        return shell.lead(visit, "/cart")


async def anonymous_cart(gateway: Gateway, visit: Visit) -> Cart:
    """What is in the basket; what the shop does not sell any more is taken out."""
    basket = visit.basket
    if not basket.items:
        return Cart()
    cart = basket.cart(await gateway.products(ids=",".join(basket.items)))
    for gone in set(basket.items) - {line.id for line in cart.lines}:
        basket = basket.changed(gone, 0)
        visit.keep_basket(basket)
    return cart


async def bring_along(gateway: Gateway, visit: Visit, login: Login) -> Moved:
    """Moves this browser's basket into the cart of the user who has logged in."""
    moved = await move_in(gateway, login.user, login.token, visit.basket)
    if visit.basket.items:
        visit.keep_basket(moved.left)
    if moved.cart is not None:
        visit.learn_count(moved.cart.quantity)
    return moved


def quantity_in(text: str) -> int:
    quantity = quantity_of(text)
    if quantity is None:
        raise BadRequest(f"the quantity must be a number from 0 to 99, not {text[:20]!r}")
    return quantity
