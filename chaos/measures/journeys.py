"""Journeys: what a visitor does, request by request."""

import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

CARD = {
    "type": "visa",
    "number": "4111111111111111",
    "expMonth": "12",
    "expYear": "2099",
    "ccv": "123",
}
ADDRESS = {"street": "1 Probe St", "city": "Springfield", "zip": "12345", "state": "OR"}


@dataclass(frozen=True)
class Request:
    """One HTTP request; `about` are words about what it is for, by which clicks are grouped; a
    `page` comes from the storefront, all else from the API.
    """

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    page: bool = False


@dataclass(frozen=True)
class Visitor:
    """Who clicks: a user who is logged in, or nobody; `number` counts the clicks, `chance` makes
    the visitor's choices.
    """

    number: int
    chance: random.Random
    products: list[dict[str, Any]]
    user: str = ""


Journey = Callable[[Visitor], AsyncIterator[Request]]


async def status(_: Visitor) -> AsyncIterator[Request]:
    yield Request("GET", "/orders/12345")


async def home(_: Visitor) -> AsyncIterator[Request]:
    yield Request("GET", "/", page=True)


async def shelf(_: Visitor) -> AsyncIterator[Request]:
    yield Request("GET", "/products")


async def product(visitor: Visitor) -> AsyncIterator[Request]:
    """Each product in turn, so that all kinds are among them."""
    found = visitor.products[visitor.number % len(visitor.products)]
    yield Request("GET", f"/products/{found['id']}", about=" ".join(found["tags"]))


async def history(visitor: Visitor) -> AsyncIterator[Request]:
    yield Request("GET", f"/order/{visitor.user}")


async def checkout(visitor: Visitor) -> AsyncIterator[Request]:
    yield order(visitor)


async def buy(visitor: Visitor) -> AsyncIterator[Request]:
    """Five requests, and each has auth verify the caller."""
    item = {"itemid": visitor.chance.choice(visitor.products)["id"], "quantity": "1"}
    yield Request("POST", f"/cart/item/add/{visitor.user}", item)
    yield Request("GET", f"/cart/items/{visitor.user}")
    yield order(visitor)
    yield Request("GET", f"/order/{visitor.user}")
    yield Request("GET", f"/cart/items/total/{visitor.user}")


def order(visitor: Visitor) -> Request:
    """An order of one product, with an idempotency key of its own."""
    item = visitor.chance.choice(visitor.products)
    line = {
        "id": item["id"],
        "description": item["name"],
        "quantity": "1",
        "price": item["price"],
    }
    body = {
        "firstname": "Probe",
        "lastname": "Visitor",
        "address": {**ADDRESS, "country": "US"},
        "email": "probe@example.com",
        "delivery": "UPS/FEDEX",
        "card": CARD,
        "cart": [line],
        "total": str(item["price"]),
    }
    key = {"idempotency-key": f"probe-{token_hex(8)}"}
    return Request("POST", f"/order/add/{visitor.user}", body, key)


JOURNEYS: Mapping[str, Journey] = {
    journey.__name__: journey for journey in (buy, checkout, history, home, product, shelf, status)
}
WITH_LOGIN = frozenset({"buy", "checkout", "history"})
# Each click reserves as many step numbers as the longest journey has requests.
MOST_REQUESTS = 5
