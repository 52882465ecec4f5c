"""Who may do what: every route of the gateway has a rule, and keeps it."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.inprocess import Shop
from tests.shop.acme import CARD, KETTLE, LANTERN, client_of, log_in
from tests.shop.rules import ANYBODY, BUYER, OWNER, STAFF, app_of, served

BODIES: Mapping[str, Any] = {
    "POST /cart/item/add/{userid}": {"itemid": LANTERN},
    "POST /cart/item/modify/{userid}": {"itemid": KETTLE, "quantity": 5},
    "POST /order/add/{userid}": {"card": CARD},
    "POST /logout": {},
}
VALUES = {"name": f"{KETTLE}-1", "product_id": KETTLE, "article_id": "1", "thing_id": KETTLE}
MALFORMED, UNKNOWN = "not-an-id", "0" * 24


class Person:
    """Somebody with a session, or nobody in particular."""

    def __init__(self, shop: Shop, session: dict[str, Any] | None = None) -> None:
        self._shop = shop
        self.id = session["token"] if session else ""
        self._headers = {"authorization": f"Bearer {session['access_token']}"} if session else {}

    async def ask(self, route: str, **values: str) -> httpx.Response:
        method, path = route.split()
        address = path.format(**VALUES | values)
        body = BODIES.get(route)
        return await self._shop.request(method, address, json=body, headers=self._headers)

    async def statuses(self, routes: set[str], **values: str) -> dict[str, int]:
        return {route: (await self.ask(route, **values)).status_code for route in sorted(routes)}

    async def everything(self, order_id: str) -> list[Any]:
        """What is this person's."""
        answers = [
            await self.ask("GET /users/{userid}", userid=self.id),
            await self.ask("GET /cart/items/{userid}", userid=self.id),
            await self.ask("GET /order/{userid}", userid=self.id),
            await self.ask("GET /orders/{order_id}", order_id=order_id),
        ]
        assert all(answer.is_success for answer in answers)
        return [without_status(answer.json()) for answer in answers]


def without_status(body: Any) -> Any:
    """The same without where the orders are, which time changes."""
    if isinstance(body, list):
        return [without_status(one) for one in body]
    if isinstance(body, dict):
        return {key: without_status(one) for key, one in body.items() if key != "status"}
    return body


async def person(shop: Shop, username: str) -> Person:
    async with client_of(shop) as client:
        return Person(shop, await log_in(client, username))


@pytest.fixture
async def eric(shop: Shop) -> Person:
    """A customer with a kettle in the cart."""
    eric = await person(shop, "eric")
    await shop.post(f"/cart/item/add/{eric.id}", json={"itemid": KETTLE}, headers=eric._headers)
    return eric


async def an_order_of(buyer: Person) -> str:
    """The id of an order of what lies in the cart, in which there is the same again."""
    placed = await buyer.ask("POST /order/add/{userid}", userid=buyer.id)
    await buyer.ask("POST /cart/item/add/{userid}", userid=buyer.id)
    return str(placed.json()["order_id"])


def all_are(status: int, routes: set[str]) -> dict[str, int]:
    return dict.fromkeys(sorted(routes), status)


async def test_every_route_has_a_rule(shop: Shop) -> None:
    assert served(app_of(shop)) == ANYBODY | OWNER | BUYER | STAFF


async def test_nobody_needs_to_log_in_for_what_is_for_anybody(shop: Shop) -> None:
    guest = Person(shop)

    statuses = await guest.statuses(ANYBODY)

    needs_a_body = {"POST /login/", "POST /register", "POST /refresh-token"}
    assert {route for route, status in statuses.items() if status == 400} == needs_a_body
    assert {statuses[route] for route in ANYBODY - needs_a_body} <= {200, 204}


async def test_what_is_for_anybody_does_not_call_auth(shop: Shop) -> None:
    shop.unplug("auth")

    for route in ANYBODY:
        if route.startswith("GET "):
            assert (await Person(shop).ask(route)).is_success, route


async def test_a_guest_is_let_into_nothing_else(shop: Shop, eric: Person) -> None:
    order_id = await an_order_of(eric)
    before = await eric.everything(order_id)

    statuses = await Person(shop).statuses(OWNER | STAFF, userid=eric.id)

    assert statuses == all_are(401, OWNER | STAFF)
    assert await eric.everything(order_id) == before


async def test_the_guest_reads_the_guests_orders_and_no_others_but_they_are_open_to_all(
    shop: Shop, eric: Person
) -> None:
    order_id, guest = await an_order_of(eric), Person(shop)

    assert (await guest.ask("GET /orders/{order_id}", order_id="12345")).status_code == 200
    assert (await guest.ask("GET /orders/{order_id}", order_id=order_id)).status_code == 404
    assert (await eric.ask("GET /orders/{order_id}", order_id="12345")).status_code == 200


@pytest.mark.parametrize("username", ["phoebe", "walter"])
async def test_nobody_is_let_into_what_is_anothers_and_nothing_of_it_changes(
    shop: Shop, eric: Person, username: str
) -> None:
    other, order_id = await person(shop, username), await an_order_of(eric)
    before = await eric.everything(order_id)

    shop.spans.clear()

    statuses = await other.statuses(OWNER, userid=eric.id)

    assert statuses == all_are(403, OWNER)
    # Nobody but auth is called, and users whether there is such a user. (Shipping may still be at
    # work on the order, in a trace of its own.)
    spans = [
        (span, span.resource.attributes["service.name"]) for span in shop.spans.get_finished_spans()
    ]
    requests = {span.context.trace_id for span, service in spans if service == "gateway"}
    called = {service for span, service in spans if span.context.trace_id in requests}
    assert called == {"gateway", "auth", "users"}
    assert await eric.everything(order_id) == before
    assert (await other.ask("GET /order/{userid}", userid=other.id)).json() == {"data": []}


async def test_another_ones_order_looks_like_one_that_there_is_not(
    shop: Shop, eric: Person
) -> None:
    phoebe, order_id = await person(shop, "phoebe"), await an_order_of(eric)
    missing = "a" * len(order_id)

    for who in (phoebe, Person(shop)):
        theirs = await who.ask("GET /orders/{order_id}", order_id=order_id)
        none = await who.ask("GET /orders/{order_id}", order_id=missing)
        assert theirs.status_code == none.status_code == 404
        assert theirs.text.replace(order_id, missing) == none.text
        assert theirs.headers.keys() == none.headers.keys()


async def test_users_are_let_into_what_is_theirs(eric: Person) -> None:
    statuses = {
        route: (await eric.ask(route, userid=eric.id)).status_code
        for route in ("POST /order/add/{userid}", *sorted(OWNER - {"POST /order/add/{userid}"}))
    }

    assert statuses.pop("POST /order/add/{userid}") == 201
    # The kettle was ordered, and so it is not in the cart any more.
    assert statuses.pop("POST /cart/item/modify/{userid}") == 404
    assert set(statuses.values()) == {200}


async def test_everybodys_orders_are_for_the_staff(shop: Shop, eric: Person) -> None:
    order_id = await an_order_of(eric)
    walter = await person(shop, "walter")

    assert await eric.statuses(STAFF) == all_are(403, STAFF)
    listed = (await walter.ask("GET /order/all")).json()["data"]
    assert order_id in {order["id"] for order in listed}


async def test_the_staff_reads_everybodys_orders_page_by_page(shop: Shop) -> None:
    async with client_of(shop) as client:
        await log_in(client, "walter")
        every = (await client.get("/order/all")).json()["data"]
        first = (await client.get("/order/all", params={"limit": "3"})).json()["data"]
        rest = await client.get("/order/all", params={"after": first[-1]["id"]})

    assert len(every) == 10
    assert first + rest.json()["data"] == every


async def test_a_users_id_is_looked_at_in_this_order(shop: Shop, eric: Person) -> None:
    phoebe, route = await person(shop, "phoebe"), "GET /users/{userid}"

    async def status_for(who: Person, userid: str) -> int:
        return (await who.ask(route, userid=userid)).status_code

    everything = (MALFORMED, UNKNOWN, phoebe.id, eric.id)
    assert [await status_for(Person(shop), userid) for userid in everything] == [401] * 4
    assert [await status_for(eric, userid) for userid in everything] == [400, 404, 403, 200]


async def test_a_malformed_users_id_is_a_bad_request_everywhere(eric: Person) -> None:
    assert await eric.statuses(OWNER, userid=MALFORMED) == all_are(400, OWNER)
