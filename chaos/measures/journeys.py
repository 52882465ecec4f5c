"""What a visitor does, call by call, through the shop's API."""

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
class Ask:
    """One call; `about` are words about what it asks for, by which clicks are grouped."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    page: bool = False


@dataclass(frozen=True)
class Visitor:
    """Who clicks: a user that is logged in, or nobody; `number` is that of the click, `chance`
    decides what is left to it.
    """

    number: int
    chance: random.Random
    products: list[dict[str, Any]]
    user: str = ""


Journey = Callable[[Visitor], AsyncIterator[Ask]]


async def status(_: Visitor) -> AsyncIterator[Ask]:
    yield Ask("GET", "/orders/12345")


async def home(_: Visitor) -> AsyncIterator[Ask]:
    yield Ask("GET", "/", page=True)


async def shelf(_: Visitor) -> AsyncIterator[Ask]:
    yield Ask("GET", "/products")


async def product(visitor: Visitor) -> AsyncIterator[Ask]:
    """The products one after the other, so that all kinds are among them."""
    found = visitor.products[visitor.number % len(visitor.products)]
    yield Ask("GET", f"/products/{found['id']}", about=" ".join(found["tags"]))


async def history(visitor: Visitor) -> AsyncIterator[Ask]:
    yield Ask("GET", f"/order/{visitor.user}")


async def checkout(visitor: Visitor) -> AsyncIterator[Ask]:
    yield order(visitor)


async def buy(visitor: Visitor) -> AsyncIterator[Ask]:
    """Five calls, and each asks auth who is calling."""
    item = {"itemid": visitor.chance.choice(visitor.products)["id"], "quantity": "1"}
    yield Ask("POST", f"/cart/item/add/{visitor.user}", item)
    yield Ask("GET", f"/cart/items/{visitor.user}")
    yield order(visitor)
    yield Ask("GET", f"/order/{visitor.user}")
    yield Ask("GET", f"/cart/items/total/{visitor.user}")


def order(visitor: Visitor) -> Ask:
    """An order of one thing, and never the same one twice."""
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
    return Ask("POST", f"/order/add/{visitor.user}", body, key)


JOURNEYS: Mapping[str, Journey] = {
    journey.__name__: journey for journey in (buy, checkout, history, home, product, shelf, status)
}
KNOWN_USERS = frozenset({"buy", "checkout", "history"})
# How many calls a journey has at most: so many steps are kept free for it.
LONGEST = 5
