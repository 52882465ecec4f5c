"""What a buyer sends, and what must be true of the shop's books afterwards."""

import uuid
from typing import Any

import httpx

from tests.shop.mortal import World

USER = "5f0000000000000000000001"
SOON = {"ORDERS_RECOVERY_SECONDS": "0.1", "ORDERS_PATIENCE_SECONDS": "0.1"}
CARD = {"type": "visa", "number": "4111111111111111", "expMonth": "12", "expYear": "2099"}
DECLINED = CARD | {"number": "4000 0000 0000 0002"}
KETTLE = {"id": "pour-over-kettle", "description": "Kettle", "quantity": "2", "price": "1"}


def order_body(**changes: Any) -> dict[str, Any]:
    """An order as a recorded client sends it, numbers as text."""
    address = {"street": "1 Main St", "city": "Springfield", "zip": "97477", "state": "OR"}
    body = {
        "firstname": "Ann",
        "lastname": "Buyer",
        "address": address,
        "email": "ann@example.com",
        "delivery": "UPS/FEDEX",
        "card": CARD | {"ccv": "987"},
        "cart": [KETTLE],
    }
    return body | changes


async def submit(world: World, key: str = "", user: str = USER, **changes: Any) -> httpx.Response:
    headers = {"idempotency-key": key or uuid.uuid4().hex}
    body = order_body(**changes)
    return await world.ask("POST", "orders", f"/users/{user}/orders", json=body, headers=headers)


def orders(world: World) -> dict[str, dict[str, Any]]:
    """The orders that somebody placed."""
    return {id_: one for id_, one in world.kept("orders", "orders").items() if one["lines"]}


def in_bank(world: World, state: str = "charged") -> dict[str, int]:
    """What the bank has in its books, in cents by order."""
    books = world.kept("bank", "charges")
    return {key: entry["amount"] for key, entry in books.items() if entry["state"] == state}


def shipments(world: World) -> dict[str, dict[str, Any]]:
    """The shipments but for those that every new shop has."""
    return {id_: one for id_, one in world.kept("shipping", "shipments").items() if len(id_) > 5}


def is_settled(world: World) -> bool:
    """Whether nothing is under way any more."""
    ledger = world.kept("payment", "charges").values()
    return all(order["state"] in {"shipped", "cancelled"} for order in orders(world).values()) and (
        not any(entry["state"] in {"pending", "voiding"} for entry in ledger)
    )


def expect_the_promise_kept(world: World, acknowledged: set[str]) -> None:
    """Once settled: what was acknowledged is stored, charged and shipped once, and nothing is
    charged or shipped without an order.
    """
    standing = {id_: o["total"] for id_, o in orders(world).items() if o["state"] == "shipped"}
    parcels = [parcel["key"] for parcel in world.kept("carrier", "parcels").values()]
    ledger = world.kept("payment", "charges")
    charged = {id_: e["amount"] for id_, e in ledger.items() if e["state"] == "charged"}

    assert acknowledged <= standing.keys()
    assert in_bank(world) == charged == standing
    assert sorted(parcels) == sorted(standing)
    assert shipments(world).keys() == standing.keys()
