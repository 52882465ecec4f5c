"""The public JSON API, noun by noun, and a page of links to find it by."""

from collections.abc import Callable
from html import escape
from typing import Annotated, Any, TypeVar
from uuid import uuid4

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.gateway import domain
from services.gateway.clients import Articles, Auth, Carts, Orders, Products, Suggestions, Users
from services.gateway.domain import User
from services.gateway.flows import Logins
from services.gateway.routes.bodies import (
    Change,
    Credentials,
    Item,
    Logout,
    Order,
    RefreshToken,
    Registration,
)
from services.gateway.routes.callers import COOKIE, Callers, UserId, address_of, token_if_any
from shared.contracts import articles, catalog, gateway, orders
from shared.contracts.auth import Session
from shared.contracts.cart import Cart
from shared.contracts.sent import THING_IDS
from shared.contracts.suggestions import SuggestedIds
from shared.contracts.users import Profile
from shared.openapi import errors
from shared.telemetry.decorator import Trace

Handler = TypeVar("Handler", bound=Callable[..., object])
ProductId = Annotated[str, Path(max_length=100, examples=["pour-over-kettle"])]
OrderId = Annotated[str, Path(min_length=1, max_length=64, examples=["12345"])]
ArticleId = Annotated[str, Path(max_length=100, examples=["1"])]
ThingId = Annotated[str, Path(max_length=100, examples=["pour-over-kettle", "1"])]
Words = Annotated[str | None, Query(max_length=100, description="words that must all be mentioned")]
Tag = Annotated[str | None, Query(max_length=50)]
Ids = Annotated[
    str | None,
    Query(max_length=8000, pattern=THING_IDS, description="at most 100 ids, with commas"),
]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{8,64}$")]
After = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=1000)]
# Each operation of a user's takes a token or the cookie; of an order, the guest needs neither.
USERS: dict[str, Any] = {"security": [{"token": []}, {"cookie": []}]}
ANYBODYS: dict[str, Any] = {"security": [{}, *USERS["security"]]}
OWNERS = errors(401, 403)
PLACING = {
    200: {"description": "The same order was placed before", "model": orders.Receipt},
    **errors(401, 402, 403, 409),
}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AcmeShop gateway</title>
<h1>AcmeShop gateway</h1>
<p>Ask for an order a few times, see some answers fail, then look for the failed trace.</p>
<ul>
<li><a href="{shop}">the shop</a>
<li><a href="/orders/12345">an order</a> (12345 to 12354 exist)
<li><a href="/articles/v1/?with_suggested=1">the journal, with suggestions</a>
<li><a href="{explorer}">the traces</a>
<li><a href="{explorer}/search?service=gateway&amp;errors=1">the traces that failed</a>
<li><a href="/docs">this API</a>
</ul>
"""


def post(
    router: APIRouter, path: str, status: int = 200, **described: Any
) -> Callable[[Handler], Handler]:
    """A POST route, with or without a slash at the end of its path: being redirected would cost
    some clients their body. `described` is for its documentation.
    """
    other = path.removesuffix("/") if path.endswith("/") else f"{path}/"

    def add(handler: Handler) -> Handler:
        router.post(other, status_code=status, include_in_schema=False)(handler)
        return router.post(path, status_code=status, **described)(handler)

    return add


def index_routes(shop: str, explorer: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    page = PAGE.format(shop=escape(shop), explorer=escape(explorer))

    @router.get("/")
    async def index() -> HTMLResponse:
        return HTMLResponse(page)

    @router.get("/favicon.ico")
    @Trace(disable_tracing=True)
    async def icon() -> Response:
        return Response(status_code=204)

    return router


def account_routes(callers: Callers, auth: Auth, logins: Logins, users: Users) -> APIRouter:
    router = APIRouter(tags=["account"])

    @post(router, "/login/", responses=errors(401, 429))
    async def log_in(
        request: Request, response: Response, credentials: Credentials
    ) -> gateway.Login:
        address = address_of(request)
        session = await logins.log_in(credentials.username, credentials.password, address)
        return admitted(request, response, session)

    @post(router, "/refresh-token", responses=errors(401))
    async def refresh(request: Request, response: Response, body: RefreshToken) -> gateway.Login:
        return admitted(request, response, await auth.refresh(body.refresh_token))

    @post(router, "/logout", responses=errors(403), openapi_extra=ANYBODYS)
    async def log_out(
        request: Request, response: Response, body: Logout | None = None
    ) -> gateway.Message:
        await auth.log_out(token_if_any(request), body.refresh_token if body else None)
        # Another site's page cannot have the cookie sent along, and so cannot have it taken away.
        if COOKIE in request.cookies:
            response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return gateway.Message(message="logged out")

    @post(router, "/register", 201, responses=errors(409))
    async def register(person: Registration) -> gateway.Registered:
        user_id = await users.register(person.sent())
        message = "registered: log in with this name and password"
        return gateway.Registered(userid=user_id, resourceId=user_id, message=message)

    @router.get("/users/{userid}", responses=errors(401, 403, 404), openapi_extra=USERS)
    async def read_user(userid: UserId, user: Annotated[User, Depends(callers.known)]) -> Profile:
        # An unknown user is a 404 for everybody, another one a 403.
        profile = await users.read(userid)
        domain.owner(user, userid)
        return profile

    return router


def admitted(request: Request, response: Response, session: Session) -> gateway.Login:
    """A new session for a client that keeps tokens, and for one that keeps cookies."""
    response.headers["cache-control"] = "no-store"
    response.set_cookie(
        COOKIE,
        session.access_token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return gateway.Login(
        token=session.user.id,
        access_token=session.access_token,
        refresh_token=session.refresh_token,
        user=session.user,
    )


def product_routes(products: Products) -> APIRouter:
    router = APIRouter(tags=["products"])

    @router.get("/products")
    async def list_products(q: Words = None, tag: Tag = None, ids: Ids = None) -> catalog.Products:
        query = {"q": q, "tag": tag, "ids": ids}
        return await products.all({name: text for name, text in query.items() if text is not None})

    @router.get("/products/{product_id}", responses=errors(404))
    async def read_product(product_id: ProductId) -> catalog.OneProduct:
        return await products.read(product_id)

    @router.get("/tags")
    async def list_tags() -> catalog.Tags:
        return await products.tags()

    return router


def cart_routes(callers: Callers, carts: Carts) -> APIRouter:
    router = APIRouter(prefix="/cart", tags=["cart"], responses=OWNERS)

    @router.get("/items/{userid}", openapi_extra=USERS)
    async def read_cart(user: Annotated[User, Depends(callers.owner)]) -> gateway.CartItems:
        return items_of(await carts.of(user.id))

    @post(router, "/item/add/{userid}", responses=errors(404, 409), openapi_extra=USERS)
    async def add_item(
        user: Annotated[User, Depends(callers.owner)], item: Item
    ) -> gateway.CartItems:
        return items_of(await carts.add(user.id, item.sent()))

    @post(router, "/item/modify/{userid}", responses=errors(404, 409), openapi_extra=USERS)
    async def change_item(
        user: Annotated[User, Depends(callers.owner)], change: Change
    ) -> gateway.CartItems:
        return items_of(await carts.change(user.id, change.itemid, change.quantity))

    @router.get("/items/total/{userid}", openapi_extra=USERS)
    async def count_items(user: Annotated[User, Depends(callers.owner)]) -> gateway.CartItemTotal:
        cart = await carts.of(user.id)
        return gateway.CartItemTotal(userid=user.id, cartitemtotal=cart.quantity)

    @router.get("/total/{userid}", openapi_extra=USERS)
    async def total_cart(user: Annotated[User, Depends(callers.owner)]) -> gateway.CartTotal:
        cart = await carts.of(user.id)
        return gateway.CartTotal(userid=user.id, carttotal=cart.total)

    @router.get("/clear/{userid}", openapi_extra=USERS)
    async def clear_cart(user: Annotated[User, Depends(callers.owner)]) -> gateway.CartItems:
        return items_of(await carts.clear(user.id))

    return router


def items_of(cart: Cart) -> gateway.CartItems:
    return gateway.CartItems(userid=cart.userid, cart=cart.cart)


def order_routes(callers: Callers, client: Orders) -> APIRouter:
    router = APIRouter(tags=["orders"])

    @router.get(
        "/orders/{order_id}",
        response_model_exclude_unset=True,
        responses=errors(401, 404),
        openapi_extra=ANYBODYS,
    )
    async def read_order(
        order_id: OrderId, user: Annotated[User, Depends(callers.anyone)]
    ) -> orders.Order:
        return await client.read(order_id, user.id)

    @post(router, "/order/add/{userid}", 201, responses=PLACING, openapi_extra=USERS)
    async def place_order(
        user: Annotated[User, Depends(callers.owner)],
        order: Order,
        response: Response,
        key: Key = None,
    ) -> orders.Receipt:
        placed = await client.place(user.id, order.sent(), key or uuid4().hex)
        response.status_code = 201 if placed.first else 200
        return placed.receipt

    # Before the route of a user's orders, which would take `all` for a user.
    @router.get(
        "/order/all",
        dependencies=[Depends(callers.staff)],
        response_model_exclude_unset=True,
        responses=OWNERS,
        openapi_extra=USERS,
    )
    async def list_all_orders(after: After = "", limit: Limit = 100) -> orders.Orders:
        """Everybody's orders, for the staff; the next page comes after the last id of this one."""
        return await client.all(after, limit)

    @router.get(
        "/order/{userid}",
        response_model_exclude_unset=True,
        responses=OWNERS,
        openapi_extra=USERS,
    )
    async def list_orders(user: Annotated[User, Depends(callers.owner)]) -> orders.Orders:
        return await client.of(user.id)

    return router


def journal_routes(client: Articles, suggestions: Suggestions) -> APIRouter:
    router = APIRouter(tags=["journal"])

    @router.get("/articles/v1/", response_model_exclude_unset=True)
    async def list_articles(with_suggested: bool = False) -> articles.Articles:
        return await client.all(with_suggested)

    @router.get(
        "/articles/v1/{article_id}", response_model_exclude_unset=True, responses=errors(404)
    )
    async def read_article(article_id: ArticleId) -> articles.Article:
        return await client.read(article_id)

    @router.get("/suggestions/v1/{thing_id}", responses=errors(404))
    async def list_suggestions(thing_id: ThingId) -> SuggestedIds:
        """What goes with an article, by its number, or with a product, by its name."""
        return await suggestions.of(thing_id)

    return router
