"""The front door: a few things to buy, what goes well together, and something to read."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.frontend.clients import Gateway
from services.frontend.domain.goods import in_window, picked
from services.frontend.routes.optional import beside, if_possible
from services.frontend.routes.shell import Shell
from services.frontend.routes.visit import Arrived

SHOWN, READS = 8, 3


def add_home(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/")
    async def show_home(visit: Arrived) -> Response:
        products, articles = await beside(gateway.products(), gateway.articles())
        products = in_window(products)
        star = products[0] if products else None
        ids = await if_possible(gateway.suggestions(star.id)) if star else ()
        return shell.page(
            visit,
            "home.html",
            star=star,
            goes_well=None if ids is None else picked(products, ids, 3),
            products=products[1 : SHOWN + 1],
            articles=None if articles is None else articles[:READS],
        )
