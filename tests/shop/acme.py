"""A client of the ACME Fitness demo, as recorded: a cookie jar, and numbers as text."""

from typing import Any

import httpx

from tests.inprocess import Shop

PASSWORD = "vmware1!"
KETTLE, LANTERN = "pour-over-kettle", "storm-lantern"
CARD = {
    "type": "amex/visa/mastercard/bahubali",
    "number": "349834797981",
    "expMonth": "12",
    "expYear": "2099",
    "ccv": "123",
}


def client_of(shop: Shop, scheme: str = "http") -> httpx.AsyncClient:
    """A plain HTTP client of the gateway, with a cookie jar of its own."""
    return httpx.AsyncClient(transport=shop.board, base_url=shop.base_url.copy_with(scheme=scheme))


async def log_in(client: httpx.AsyncClient, username: str, password: str = PASSWORD) -> Any:
    given = {"username": username, "password": password}
    response = await client.post("/login/", json=given)
    assert response.status_code == 200, response.text
    return response.json()


def item(product: dict[str, Any], quantity: str = "1") -> dict[str, Any]:
    """A product on its way into a cart."""
    return {
        "itemid": product["id"],
        "name": product["name"],
        "price": str(product["price"]),
        "quantity": quantity,
        "shortDescription": product["shortDescription"],
    }


def order(cart: list[dict[str, Any]], total: str, **changes: Any) -> dict[str, Any]:
    """An order of what is in a cart."""
    body = {
        "userid": "8888",
        "firstname": "Eric",
        "lastname": "Cartman",
        "address": {
            "street": "20 Riding Lane Av",
            "city": "San Francisco",
            "zip": "10201",
            "state": "CA",
            "country": "USA",
        },
        "email": "jblaze@marvel.com",
        "delivery": "UPS/FEDEX",
        "card": CARD,
        "cart": [
            {
                "id": line["itemid"],
                "description": line["name"],
                "quantity": str(line["quantity"]),
                "price": str(line["price"]),
            }
            for line in cart
        ],
        "total": total,
    }
    return body | changes
