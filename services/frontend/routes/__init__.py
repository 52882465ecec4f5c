"""The pages of the shop. They work without JavaScript, which adds comfort."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from services.frontend.clients import Gateway, Traces
from services.frontend.routes.account import add_account
from services.frontend.routes.cart import add_cart
from services.frontend.routes.checkout import add_checkout
from services.frontend.routes.clicks import add_clicks
from services.frontend.routes.failures import Form
from services.frontend.routes.shell import Shell
from services.frontend.routes.shopping import add_home, add_journal, add_orders, add_products
from shared.assets import Assets
from shared.telemetry.decorator import Trace


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


def add_assets(router: APIRouter, assets: Assets) -> None:
    """Style sheet, scripts and icon. They leave no trace."""

    @router.get("/static/{build}/{name}")
    @Trace(disable_tracing=True)
    async def read_asset(build: str, name: str) -> Response:
        return assets.answer(name, build)

    @router.get("/favicon.ico")
    @Trace(disable_tracing=True)
    async def read_icon() -> Response:
        return assets.answer("icon.svg")
