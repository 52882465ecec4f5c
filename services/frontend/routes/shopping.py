"""The pages of a visit: the front page, what is sold, what was bought, the journal."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response

from services.frontend.clients import Gateway
from services.frontend.domain.shop import Product, in_window, picked
from services.frontend.flows.optional import beside, if_possible
from services.frontend.routes.shell import Shell
from services.frontend.routes.visit import Arrived
from shared.telemetry.decorator import Trace

SHOWN, READS, SUGGESTED = 8, 3, 4
OrderId = Annotated[str, Path(max_length=64)]


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


def add_products(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/products")
    async def list_products(
        visit: Arrived,
        q: Annotated[str, Query(max_length=100)] = "",
        tag: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        products, tags = await beside(gateway.products(q=q.strip(), tag=tag), gateway.tags())
        return shell.page(visit, "products.html", products=products, tags=tags, q=q, tag=tag)

    @router.get("/products/{product_id}")
    async def show_product(
        visit: Arrived, product_id: Annotated[str, Path(max_length=64)]
    ) -> Response:
        product, goes_well = await beside(
            gateway.product(product_id), suggested(gateway, product_id)
        )
        return shell.page(visit, "product.html", product=product, goes_well=goes_well)


async def suggested(gateway: Gateway, product_id: str) -> tuple[Product, ...]:
    """The products that go well with one."""
    ids = await gateway.suggestions(product_id)
    return await gateway.products(ids=",".join(ids[:SUGGESTED])) if ids else ()


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
        status = {
            "says": order.says,
            "step": order.step,
            "ended": order.ended,
            "cancelled": order.cancelled,
        }
        return JSONResponse(status, headers={"Cache-Control": "no-store"})


def add_journal(router: APIRouter, gateway: Gateway, shell: Shell) -> None:
    @router.get("/journal")
    async def list_articles(visit: Arrived, with_suggested: bool = False) -> Response:
        articles = await gateway.articles(with_suggested=with_suggested)
        return shell.page(visit, "journal.html", articles=articles, with_suggested=with_suggested)

    @router.get("/journal/{article_id}")
    async def show_article(
        visit: Arrived, article_id: Annotated[str, Path(max_length=20)]
    ) -> Response:
        return shell.page(visit, "article.html", article=await gateway.article(article_id))
