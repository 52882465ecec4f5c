from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from opentelemetry import trace

from services.catalog.domain import Product, ids_in, search, tally
from services.catalog.store import ProductStore
from shared.contracts import catalog
from shared.contracts.sent import THING_IDS
from shared.errors import NotFound
from shared.money import dollars
from shared.openapi import errors

Words = Annotated[str, Query(max_length=100, description="words that must all be mentioned")]
Tag = Annotated[str, Query(max_length=50)]
Ids = Annotated[
    str | None,
    Query(max_length=8000, pattern=THING_IDS, description="at most 100 ids, with commas"),
]
Id = Annotated[str, Path(max_length=100)]
Point = Callable[[str], Awaitable[None]]


def routes(store: ProductStore, point: Point) -> APIRouter:
    router = APIRouter(tags=["catalog"])

    @router.get("/products")
    async def list_products(q: Words = "", tag: Tag = "", ids: Ids = None) -> catalog.Products:
        products = await store.all() if ids is None else await store.of(ids_in(ids))
        return catalog.Products(data=tuple(map(answer, search(products, q, tag))))

    @router.get("/products/{product_id}", responses=errors(404))
    async def read_product(product_id: Id) -> catalog.OneProduct:
        product = await store.read(product_id)
        if product is None:
            raise NotFound(f"no product {product_id}")
        trace.get_current_span().set_attribute("acmeshop.product.tag", product.tag)
        await point("product.read")
        return catalog.OneProduct(data=answer(product))

    @router.get("/tags")
    async def list_tags() -> catalog.Tags:
        counted = tally(await store.all())
        return catalog.Tags(data=tuple(catalog.Tag(name=tag, count=n) for tag, n in counted))

    return router


def answer(product: Product) -> catalog.Product:
    first, second, third = product.images
    return catalog.Product(
        id=product.id,
        name=product.name,
        shortDescription=product.line,
        description=product.description,
        imageUrl1=first,
        imageUrl2=second,
        imageUrl3=third,
        price=dollars(product.price),
        tags=product.tags,
    )
