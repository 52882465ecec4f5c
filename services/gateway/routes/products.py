from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.gateway.clients.products import Products
from services.gateway.routes.paths import Id

Words = Annotated[str | None, Query(max_length=100, description="words that must all be mentioned")]
Tag = Annotated[str | None, Query(max_length=50)]
Ids = Annotated[str | None, Query(max_length=8000, description="ids, separated by commas")]


def routes(products: Products) -> APIRouter:
    router = APIRouter(tags=["products"])

    @router.get("/products")
    async def list_products(q: Words = None, tag: Tag = None, ids: Ids = None) -> Any:
        asked = {"q": q, "tag": tag, "ids": ids}
        given = {name: value for name, value in asked.items() if value is not None}
        return JSONResponse(await products.all(given))

    @router.get("/products/{product_id}")
    async def read_product(product_id: Id) -> Any:
        return JSONResponse(await products.read(product_id))

    @router.get("/tags")
    async def list_tags() -> Any:
        return JSONResponse(await products.tags())

    return router
