"""A gateway of a hundred lines: the same answers as the real one, from memory, and it fails on
demand.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from shared.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PaymentRequired,
    ShopError,
    Unauthorized,
)

MOCKS = Path(__file__).parents[3] / "mocks"
PASSWORD = "vmware1!"
GUESTS = {"id": "12345", "status": "delivered", "totalPrice": 100, "userid": "guest"}


def mock(name: str) -> Any:
    return json.loads((MOCKS / f"{name}.json").read_text())[name]


class Shop:
    """What the fake keeps. `failing` has the error to raise for a method and the start of a path,
    `refused` that for a product to be put into a cart; `calls` notes every call.
    """

    def __init__(self) -> None:
        self.products = {product["id"]: product for product in mock("products")}
        self.articles = {article["id"]: article for article in mock("articles")}
        self.suggestions: dict[str, list[str]] = mock("suggestions")
        self.users = {user["username"]: {**user, "password": PASSWORD} for user in mock("users")}
        self.sessions: dict[str, str] = {}
        self.carts: dict[str, dict[str, int]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.failing: dict[str, ShopError] = {}
        self.refused: dict[str, ShopError] = {}

    def called(self, request: Request) -> None:
        call = f"{request.method} {request.url.path}"
        self.calls.append(call)
        for start, error in self.failing.items():
            if call.startswith(start):
                raise error

    def who(self, request: Request, user_id: str) -> str:
        """The caller's id, if it may act as this user."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        known = self.sessions.get(token)
        if known is None:
            raise Unauthorized("this session has ended: log in again")
        if known != user_id:
            raise Forbidden(f"{user_id} is somebody else")
        return known

    def cart(self, user_id: str) -> dict[str, Any]:
        lines = self.carts.get(user_id, {}).items()
        things = [(self.products[id_], quantity) for id_, quantity in lines]
        items = [
            {
                "itemid": product["id"],
                "name": product["name"],
                "price": product["price"],
                "quantity": quantity,
                "shortDescription": product["shortDescription"],
            }
            for product, quantity in things
        ]
        return {"userid": user_id, "cart": items}

    def order(self, user_id: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        if key not in self.orders:
            lines = self.cart(user_id)["cart"]
            total = sum(line["price"] * line["quantity"] for line in lines)
            copied = ("firstname", "lastname", "address", "delivery")
            self.orders[key] = {
                "id": f"order-{len(self.orders) + 1}",
                "userid": user_id,
                "status": "processing",
                "totalPrice": round(total, 2),
                "placedAt": "2026-03-12T14:05:00+00:00",
                "items": [
                    {**line, "id": line["itemid"], "description": line["name"]} for line in lines
                ],
                **{name: body[name] for name in copied},
            }
            self.carts[user_id] = {}
        return self.orders[key]


def routes(shop: Shop) -> APIRouter:
    """The gateway's API as the storefront uses it."""
    router = APIRouter()
    for add in (add_goods, add_journal, add_people, add_carts, add_orders):
        add(router, shop)
    return router


def add_goods(router: APIRouter, shop: Shop) -> None:
    @router.get("/products")
    async def products(request: Request, q: str = "", tag: str = "", ids: str = "") -> Any:
        shop.called(request)
        if ids:
            known = [shop.products[id_] for id_ in ids.split(",") if id_ in shop.products]
            return {"data": known}
        return {"data": list(found(shop, q.lower().split(), tag))}

    @router.get("/products/{product_id}")
    async def product(request: Request, product_id: str) -> Any:
        shop.called(request)
        if product_id not in shop.products:
            raise NotFound(f"no product {product_id}")
        return {"data": shop.products[product_id]}

    @router.get("/tags")
    async def tags(request: Request) -> Any:
        shop.called(request)
        names = sorted({tag for product in shop.products.values() for tag in product["tags"]})
        return {"data": [{"name": name, "count": 1} for name in names]}


def add_journal(router: APIRouter, shop: Shop) -> None:
    @router.get("/suggestions/v1/{item_id}")
    async def suggestions(request: Request, item_id: str) -> Any:
        shop.called(request)
        return shop.suggestions.get(item_id, list(shop.products)[3:7])

    @router.get("/articles/v1/")
    async def articles(request: Request, with_suggested: bool = False) -> Any:
        shop.called(request)
        found = list(shop.articles.values())
        if with_suggested:
            ids = shop.suggestions
            found = [{**a, "suggested": [shop.articles[i] for i in ids[a["id"]]]} for a in found]
        return {"articles": found}

    @router.get("/articles/v1/{article_id}")
    async def article(request: Request, article_id: str) -> Any:
        shop.called(request)
        if article_id not in shop.articles:
            raise NotFound(f"no article {article_id}")
        return shop.articles[article_id]


def found(shop: Shop, words: list[str], tag: str) -> Iterator[dict[str, Any]]:
    for product in shop.products.values():
        text = f"{product['name']} {product['description']} {product['tags']}".lower()
        if all(word in text for word in words) and (not tag or tag in product["tags"]):
            yield product


def add_people(router: APIRouter, shop: Shop) -> None:
    @router.post("/login/")
    async def login(request: Request, body: dict[str, str]) -> Any:
        shop.called(request)
        user = shop.users.get(body["username"])
        if user is None or user["password"] != body["password"]:
            raise Unauthorized("username or password is wrong")
        token = f"token-of-{user['username']}"
        shop.sessions[token] = user["id"]
        known = {key: value for key, value in user.items() if key != "password"}
        return {"token": user["id"], "access_token": token, "refresh_token": "r", "user": known}

    @router.post("/register", status_code=201)
    async def register(request: Request, body: dict[str, str]) -> Any:
        shop.called(request)
        if body["username"] in shop.users:
            raise Conflict(f"the user name {body['username']} is taken")
        user_id = f"{len(shop.users):024x}"
        shop.users[body["username"]] = {"id": user_id, "role": "customer", **body}
        return {"userid": user_id, "resourceId": user_id, "message": "registered"}

    @router.post("/logout")
    async def logout(request: Request) -> Any:
        shop.called(request)
        shop.sessions.pop(request.headers["authorization"].removeprefix("Bearer "), None)
        return {"message": "logged out"}


def add_carts(router: APIRouter, shop: Shop) -> None:
    @router.get("/cart/items/{user_id}")
    async def cart(request: Request, user_id: str) -> Any:
        shop.called(request)
        return shop.cart(shop.who(request, user_id))

    @router.post("/cart/item/add/{user_id}")
    async def add(request: Request, user_id: str, body: dict[str, Any]) -> Any:
        shop.called(request)
        items = shop.carts.setdefault(shop.who(request, user_id), {})
        if body["itemid"] not in shop.products:
            raise NotFound(f"no product {body['itemid']}")
        if error := shop.refused.get(body["itemid"]):
            raise error
        items[body["itemid"]] = items.get(body["itemid"], 0) + body["quantity"]
        return shop.cart(user_id)

    @router.post("/cart/item/modify/{user_id}")
    async def modify(request: Request, user_id: str, body: dict[str, Any]) -> Any:
        shop.called(request)
        items = shop.carts.setdefault(shop.who(request, user_id), {})
        items[body["itemid"]] = body["quantity"]
        if not body["quantity"]:
            del items[body["itemid"]]
        return shop.cart(user_id)


def add_orders(router: APIRouter, shop: Shop) -> None:
    @router.post("/order/add/{user_id}")
    async def buy(request: Request, user_id: str, body: dict[str, Any]) -> Any:
        shop.called(request)
        shop.bodies.append(body)
        if int(body["card"]["expYear"]) < 2026:
            raise PaymentRequired("the card has expired")
        key = request.headers["idempotency-key"]
        order = shop.order(shop.who(request, user_id), body, key)
        payment = {
            "success": True,
            "status": "200",
            "message": "transaction successful",
            "amount": order["totalPrice"],
            "transactionID": "ch_1",
        }
        return JSONResponse({"userid": user_id, "order_id": order["id"], "payment": payment}, 201)

    @router.get("/order/{user_id}")
    async def orders(request: Request, user_id: str) -> Any:
        shop.called(request)
        own = shop.who(request, user_id)
        return {"data": [order for order in shop.orders.values() if order["userid"] == own][::-1]}

    @router.get("/orders/{order_id}")
    async def order(request: Request, order_id: str) -> Any:
        shop.called(request)
        known = {GUESTS["id"]: GUESTS} | {order["id"]: order for order in shop.orders.values()}
        if order_id not in known:
            raise NotFound(f"no order {order_id}")
        return known[order_id]
