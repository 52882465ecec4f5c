"""Checkout: one form, sent once however often its button is pressed."""

import secrets
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from services.frontend.clients import Gateway, Login
from services.frontend.domain import forms
from services.frontend.domain.forms import (
    CHECKOUT,
    KEY,
    Values,
    demo_of,
    mistakes,
    order_of,
    repeatable,
)
from services.frontend.domain.shop import Cart
from services.frontend.routes.cart import bring_along
from services.frontend.routes.failures import Form
from services.frontend.routes.shell import Shell
from services.frontend.routes.submitted import Submitted
from services.frontend.routes.visit import Arrived, Visit
from services.frontend.views.troubles import Trouble, settled
from shared.money import dollars


def add_checkout(router: APIRouter, gateway: Gateway, shell: Shell) -> Mapping[str, Form]:
    """Adds the routes; gives the form that comes back when sending it failed."""
    form = CheckoutForm(shell)

    @router.get("/checkout")
    async def show_checkout(visit: Arrived, demo: bool = False) -> Response:
        user, token = visit.known()
        moved = await bring_along(gateway, visit, Login(user, token))
        if moved.left.items:
            return shell.lead(visit, "/cart")  # which says what is missing
        cart = moved.cart or await gateway.cart(user, token)
        visit.learn_count(cart.quantity)
        if not cart.lines:
            return shell.lead(visit, "/cart")
        filled = demo_of(CHECKOUT) if demo else {"firstname": user.name}
        return form.page(visit, filled | {"total": f"{dollars(cart.total):.2f}"}, cart=cart)

    @router.post("/checkout")
    async def place_order(visit: Arrived, sent: Submitted) -> Response:
        user, token = visit.known()
        wrong = mistakes(CHECKOUT, sent)
        if wrong or not KEY.fullmatch(sent.get("key", "")):
            return form.page(visit, repeatable(sent), status=400, wrong=wrong)
        order_id = await gateway.buy(user, token, order_of(sent), sent["key"])
        visit.learn_count(0)
        return shell.lead(visit, f"/orders/{order_id}?placed=1")

    return {"/checkout": form}


class CheckoutForm:
    """The form with what was typed, but for the card."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def __call__(self, visit: Visit, sent: Values, trouble: Trouble, status: int) -> Response:
        return self.page(visit, repeatable(sent), trouble=trouble, status=status)

    def page(
        self,
        visit: Visit,
        values: Values,
        *,
        trouble: Trouble | None = None,
        status: int = 200,
        wrong: Mapping[str, str] | None = None,
        cart: Cart | None = None,
    ) -> Response:
        return self._shell.page(
            visit,
            "checkout.html",
            status,
            typed=values,
            wrong=wrong or {},
            trouble=trouble,
            cart=cart,
            key=key_for(values, status),
            total=values.get("total", ""),
            forms=forms,
        )


def key_for(values: Values, status: int) -> str:
    """The key of the order that may have gone through, for the next press; else a fresh one."""
    key = values.get("key", "")
    unsure = status != 200 and not settled(status)
    return key if unsure and KEY.fullmatch(key) else secrets.token_urlsafe(16)
