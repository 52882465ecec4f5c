"""What is sold: the list, with search and tags, and the page of each product."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from services.frontend.clients import Gateway
from services.frontend.domain.goods import Product
from services.frontend.routes.optional import beside
from services.frontend.routes.shell import Shell
from services.frontend.routes.visit import Arrived

SUGGESTED = 4


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
