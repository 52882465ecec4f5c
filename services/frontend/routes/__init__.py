"""The pages of the shop. They work without JavaScript, which adds comfort."""

from collections.abc import Mapping

from fastapi import APIRouter

from services.frontend.clients import Gateway, Traces
from services.frontend.routes.account import add_account
from services.frontend.routes.assets import add_assets
from services.frontend.routes.cart import add_cart
from services.frontend.routes.checkout import add_checkout
from services.frontend.routes.clicks import add_clicks
from services.frontend.routes.failures import Form
from services.frontend.routes.home import add_home
from services.frontend.routes.journal import add_journal
from services.frontend.routes.orders import add_orders
from services.frontend.routes.products import add_products
from services.frontend.routes.shell import Shell


def routes(
    gateway: Gateway, traces: Traces, shell: Shell, demo_password: str
) -> tuple[APIRouter, Mapping[str, Form]]:
    """All pages, and the forms among them that come back when sending them failed."""
    router = APIRouter(include_in_schema=False)
    add_home(router, gateway, shell)
    add_products(router, gateway, shell)
    add_cart(router, gateway, shell)
    forms = {
        **add_account(router, gateway, shell, demo_password),
        **add_checkout(router, gateway, shell),
    }
    add_orders(router, gateway, shell)
    add_journal(router, gateway, shell)
    add_clicks(router, traces, shell)
    add_assets(router, shell.assets)
    return router, forms
