from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from opentelemetry import trace

from services.catalog.domain import ids_in, search, tally
from services.catalog.store import ProductStore
from shared.errors import NotFound

Words = Annotated[str, Query(max_length=100, description="words that must all be mentioned")]
Tag = Annotated[str, Query(max_length=50)]
Ids = Annotated[str | None, Query(max_length=8000, description="ids, separated by commas")]
Id = Annotated[str, Path(max_length=100)]
Point = Callable[[str], Awaitable[None]]


def routes(store: ProductStore, point: Point) -> APIRouter:
    router = APIRouter(tags=["catalog"])

    @router.get("/products")
    async def list_products(q: Words = "", tag: Tag = "", ids: Ids = None) -> Any:
        products = await store.all() if ids is None else await store.of(ids_in(ids))
        return JSONResponse({"data": [product.told() for product in search(products, q, tag)]})

    @router.get("/products/{product_id}")
    async def read_product(product_id: Id) -> Any:
        product = await store.read(product_id)
        if product is None:
            raise NotFound(f"no product {product_id}")
        trace.get_current_span().set_attribute("acmeshop.product.tag", product.tag)
        await point("product.read")
        return JSONResponse({"data": product.told()})

    @router.get("/tags")
    async def list_tags() -> Any:
        counted = tally(await store.all())
        return JSONResponse({"data": [{"name": tag, "count": count} for tag, count in counted]})

    return router
