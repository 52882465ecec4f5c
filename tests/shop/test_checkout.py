"""From a cart to a placed order, and what keeps it from being one."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from services.orders.domain import order_id
from shared.topology import BY_NAME
from shared.transport import Request, Response, Transport
from tests.shop.buying import (
    CARD,
    DECLINED,
    KETTLE,
    SOON,
    USER,
    expect_the_promise_kept,
    in_bank,
    is_settled,
    order_body,
    orders,
    shipments,
    submit,
)
from tests.shop.conftest import SERVICES, OpenWorld
from tests.shop.mortal import World, until
from traces.testing import InMemory

PRICE = 35.95
KEY = "one-and-the-same"


async def test_an_order_is_acknowledged_and_shipped(world: World) -> None:
    response = await submit(world)

    assert response.status_code == 201
    receipt = response.json()
    assert receipt["userid"] == USER
    assert receipt["payment"] == {
        "success": True,
        "status": "200",
        "message": "transaction successful",
        "amount": 2 * PRICE,
        "transactionID": receipt["payment"]["transactionID"],
    }
    await until(lambda: receipt["order_id"] in shipments(world))
    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))
    expect_the_promise_kept(world, {receipt["order_id"]})


async def test_an_order_is_shown_to_its_buyer_only(world: World) -> None:
    id_ = (await submit(world)).json()["order_id"]
    await until(lambda: id_ in shipments(world))

    mine = await world.ask("GET", "orders", f"/order/{id_}", params={"user": USER})
    others = await world.ask("GET", "orders", f"/order/{id_}", params={"user": "guest"})
    listed = await world.ask("GET", "orders", f"/users/{USER}/orders")

    order = mine.json()
    assert others.status_code == 404
    assert listed.json()["data"] == [order]
    assert (order["status"], order["totalPrice"]) == ("shipped", 2 * PRICE)
    assert order["items"] == [
        {"id": KETTLE["id"], "description": "Kettle", "quantity": 2, "price": PRICE}
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", order["placedAt"])
    assert order["address"]["street"] == "1 Main St"


async def test_an_order_is_processing_until_it_is_shipped(world: World) -> None:
    await world.end("shipping")
    id_ = (await submit(world)).json()["order_id"]

    unknown = await world.ask("GET", "orders", f"/order/{id_}", params={"user": USER})
    assert unknown.json()["status"] == "error fetching shipping status"
    world.unpublish("order.placed")
    await world.begin("shipping")
    waiting = await world.ask("GET", "orders", f"/order/{id_}", params={"user": USER})
    assert waiting.json()["status"] == "processing"
    listed = await world.ask("GET", "orders", "/orders", params={"after": "12354"})
    assert [order["status"] for order in listed.json()["data"]] == ["processing"]


async def test_without_lines_the_users_cart_is_ordered_and_emptied(world: World) -> None:
    item = {"itemid": KETTLE["id"], "quantity": "3"}
    await world.ask("POST", "cart", f"/carts/{USER}/items", json=item)

    response = await submit(world, cart=[])

    assert response.json()["payment"]["amount"] == pytest.approx(3 * PRICE)
    cart = await world.ask("GET", "cart", f"/carts/{USER}")
    assert cart.json()["cart"] == []
    assert (await submit(world, cart=[])).json()["detail"] == "an empty cart cannot be ordered"


async def test_the_retried_submit_of_a_cart_has_the_first_answer(world: World) -> None:
    await world.ask("POST", "cart", f"/carts/{USER}/items", json={"itemid": KETTLE["id"]})

    first, again = [await submit(world, KEY, cart=[]) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_what_the_catalog_does_not_know_costs_what_the_buyer_says(world: World) -> None:
    lines = [{"id": "5d644175", "description": "Bag", "quantity": 2, "price": "10.50"}]

    response = await submit(world, cart=lines, total="21")

    assert response.json()["payment"]["amount"] == 21


async def test_nobody_pays_more_than_the_total_that_was_agreed_to(world: World) -> None:
    response = await submit(world, total="71.89")

    assert response.status_code == 409
    assert response.json()["detail"].startswith("this costs 71.9 dollars now")
    assert orders(world) == {}
    assert (await submit(world, total=100)).json()["payment"]["amount"] == 2 * PRICE


@pytest.mark.parametrize(
    "changes",
    [
        {"card": None},
        {"card": {"number": "x" * 41, "expMonth": 1, "expYear": 2099}},
        {"cart": [KETTLE | {"quantity": "0"}]},
        {"cart": [KETTLE | {"quantity": "many"}]},
        {"cart": [KETTLE | {"id": "../charges"}]},
        {"cart": [{"id": "5d644175", "quantity": 1}]},
        {"cart": [KETTLE] * 101},
        {"cart": [KETTLE | {"price": "cheap"}]},
        {"total": "NaN"},
        {"firstname": "A" * 201},
        {"address": "here"},
    ],
    ids=str,
)
async def test_what_cannot_be_used_is_refused_before_anything_is_kept(
    world: World, changes: dict[str, Any]
) -> None:
    response = await submit(world, **changes)

    assert response.status_code == 400
    assert orders(world) == {}


@pytest.mark.parametrize("key", ["short", "x" * 65, "white space"])
async def test_a_key_is_a_word_of_its_own(world: World, key: str) -> None:
    assert (await submit(world, key)).status_code == 400


async def test_without_a_key_every_submit_is_an_order_of_its_own(world: World) -> None:
    url = f"/users/{USER}/orders"

    ids = [(await world.ask("POST", "orders", url, json=order_body())).json() for _ in range(2)]

    assert len({receipt["order_id"] for receipt in ids}) == 2


@pytest.mark.parametrize(
    ("card", "detail"),
    [
        (DECLINED, "the bank declined this card"),
        (CARD | {"expYear": 2020}, "this card has expired"),
        (CARD | {"number": 12345}, "a card number has 12 to 19 digits, and this one has not"),
    ],
)
async def test_a_refused_card_is_refused_each_time_and_leaves_nothing(
    world: World, card: dict[str, Any], detail: str
) -> None:
    first, again = [await submit(world, KEY, card=card) for _ in range(2)]

    assert first.json() == again.json() == {"error": "payment_required", "detail": detail}
    assert [order["state"] for order in orders(world).values()] == ["cancelled"]
    assert in_bank(world) == {}


async def test_old_cards_are_taken_where_that_is_wanted(worlds: OpenWorld) -> None:
    async with worlds(PAYMENT_ACCEPT_EXPIRED="1") as world:
        response = await submit(world, card=CARD | {"expMonth": 5, "expYear": "20"})

    assert response.status_code == 201


async def test_a_key_belongs_to_one_order(world: World) -> None:
    await submit(world, KEY)

    other = await submit(world, KEY, cart=[KETTLE | {"quantity": 1}])

    assert other.status_code == 409
    assert "belongs to another order" in other.json()["detail"]
    assert (await submit(world, KEY, card=CARD | {"ccv": "321"})).status_code == 200


async def test_many_submits_at_once_are_one_order(world: World) -> None:
    responses = await asyncio.gather(*(submit(world, KEY) for _ in range(10)))

    assert sorted(response.status_code for response in responses) == [200] * 9 + [201]
    assert len({response.text for response in responses}) == 1
    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))
    expect_the_promise_kept(world, {responses[0].json()["order_id"]})


class Forgetful(Transport):
    """Passes requests on, and loses the first `times` answers to those that end in `path`."""

    def __init__(self, transport: Transport, path: str, times: int) -> None:
        self._transport, self._path, self.left = transport, path, times

    async def handle_async_request(self, request: Request) -> Response:
        response = await self._transport.handle_async_request(request)
        if self.left and request.url.path.endswith(self._path):
            self.left -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return response


def forget(world: World, service: str, path: str, times: int) -> None:
    lines, port = world.board.lines, BY_NAME[service].port
    lines[port] = Forgetful(lines[port], path, times)


async def test_an_answer_that_is_lost_after_the_charge_is_requested_again(world: World) -> None:
    forget(world, "payment", "/charges", 2)

    response = await submit(world)

    assert response.status_code == 201
    assert list(in_bank(world).values()) == [71_90]
    resent = [
        span.attributes["http.request.resend_count"]
        for span in world.spans.get_finished_spans()
        if span.attributes and "http.request.resend_count" in span.attributes
    ]
    assert resent == [1, 2]


async def test_what_stays_undecided_can_be_submitted_again(world: World) -> None:
    forget(world, "payment", "/charges", 3)

    response = await submit(world, KEY)

    assert response.status_code == 503
    assert "Nothing is charged twice" in response.json()["detail"]
    assert (await submit(world, KEY)).status_code == 200
    assert list(in_bank(world).values()) == [71_90]


class Silent(Transport):
    """A service that takes requests, and never answers."""

    async def handle_async_request(self, request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError(request)


async def test_a_payment_that_hangs_is_given_up_before_the_gateway_gives_up(
    worlds: OpenWorld,
) -> None:
    async with worlds(ACME_TIMEOUT_MS="1000") as world:
        world.board.lines[BY_NAME["payment"].port] = Silent()

        async with asyncio.timeout(1):
            response = await submit(world)

    assert response.status_code == 504
    assert "payment did not answer within 0.2 s" in response.json()["detail"]


async def test_what_was_charged_but_never_acknowledged_is_completed(world: World) -> None:
    forget(world, "payment", "/charges", 3)
    await submit(world, KEY)

    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))

    expect_the_promise_kept(world, {order_id(USER, KEY)})


async def test_what_was_never_charged_is_cancelled_and_stays_so(world: World) -> None:
    await world.end("payment")
    assert (await submit(world, KEY)).status_code == 503
    await world.begin("payment")

    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))

    response = await submit(world, KEY)
    assert response.status_code == 409
    assert "Submit it as a new order" in response.json()["detail"]
    assert in_bank(world) == {}


async def test_a_charge_that_comes_after_the_recovery_gave_up_is_refused(world: World) -> None:
    id_ = order_id(USER, KEY)
    await world.ask("POST", "payment", f"/charges/{id_}/void", json={})

    response = await submit(world, KEY)

    assert response.status_code == 409
    assert in_bank(world) == {}


async def test_a_cart_that_cannot_be_cleared_keeps_no_order_from_being_placed(
    world: World,
) -> None:
    await world.end("cart")

    assert (await submit(world)).status_code == 201

    [checkout] = finished(world, "POST /users/{user_id}/orders")
    assert (checkout.attributes or {})["acmeshop.resilience.outcome"] == "fallback"
    assert checkout.status.status_code is StatusCode.UNSET
    [failure] = [event for event in checkout.events if event.name == "exception"]
    assert (failure.attributes or {})["exception.type"] == "shared.errors.Unreachable"


async def test_what_cannot_be_announced_is_placed_and_announced_later(world: World) -> None:
    await world.begin("orders", REDIS_URL="redis://127.0.0.1:1")
    response = await submit(world)
    assert response.status_code == 201

    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))

    expect_the_promise_kept(world, {response.json()["order_id"]})
    await until(lambda: bool(finished(world, "recover order")))


async def test_what_the_stream_has_lost_is_announced_again(world: World) -> None:
    await world.end("shipping")
    ids = {(await submit(world)).json()["order_id"] for _ in range(3)}
    world.unpublish("order.placed")

    await world.begin("shipping")
    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))

    expect_the_promise_kept(world, ids)


async def test_looking_for_what_is_to_be_recovered_leaves_no_spans(world: World) -> None:
    await submit(world)
    await until(lambda: bool(shipments(world)))
    await world.begin("orders", **SOON)
    await until(lambda: is_settled(world))
    await world.begin("payment", **SOON)
    world.spans.clear()
    looked = world.lives["orders"].looked

    await until(lambda: world.lives["orders"].looked > looked + 10)

    assert world.spans.get_finished_spans() == ()


async def test_no_card_is_kept_or_traced(world: World) -> None:
    secret = ("4111111111111111", "4111 1111", "987", "0000 0002", "00000002")
    await submit(world, card=CARD | {"ccv": "987"})
    await submit(world, card=DECLINED | {"ccv": "987"})

    kept = [
        *world.kept("orders", "orders").values(),
        *world.kept("payment", "charges").values(),
        *world.kept("bank", "charges").values(),
    ]
    for document in kept:
        texts = [str(value) for value in leaves(document)]
        assert not set(texts) & set(secret)
        assert not any("11111111" in text or "0000 0002" in text for text in texts)
    for span in world.spans.get_finished_spans():
        assert not any(number in span.to_json() for number in secret if number != "987")


def leaves(document: Any) -> list[Any]:
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in leaves(value)]
    if isinstance(document, list):
        return [leaf for value in document for leaf in leaves(value)]
    return [document]


def finished(world: World, name: str) -> list[ReadableSpan]:
    return [span for span in world.spans.get_finished_spans() if span.name == name]


def events_of(world: World, name: str) -> list[str]:
    return [event.name for span in finished(world, name) for event in span.events]


async def test_one_checkout_is_one_whole_trace_and_shipping_links_to_it(world: World) -> None:
    await world.begin(*SERVICES)
    await world.ask("POST", "cart", f"/carts/{USER}/items", json={"itemid": KETTLE["id"]})
    world.spans.clear()
    response = await submit(world, cart=[])
    await until(lambda: any(s.name.startswith("process") for s in world.spans.get_finished_spans()))

    source = InMemory(world.spans)
    trace = source.trace(response.headers["traceresponse"].split("-")[1])
    trace.expect_whole()
    assert [str(span).split(" [")[0] for span in trace.spans] == [
        "orders: POST /users/{user_id}/orders",
        "orders: SELECT orders",
        "orders: GET /carts/{user_id}",
        "cart: GET /carts/{user_id}",
        "cart: GET cart",
        "orders: price order",
        "orders: GET /products",
        "catalog: GET /products",
        "catalog: SELECT products",
        "orders: INSERT orders",
        "orders: POST /charges",
        "payment: POST /charges",
        "payment: INSERT charges",
        "payment: charge card",
        "payment: POST /v1/charges",
        "payment: UPDATE charges",
        "orders: UPDATE orders",
        "orders: send order.placed",
        "orders: POST /carts/{user_id}/clear",
        "cart: POST /carts/{user_id}/clear",
        "cart: SET cart",
    ]
    trace.expect(count=0, error=True)
    [checkout] = trace.roots()
    assert checkout.attributes["acmeshop.order.id"] == response.json()["order_id"]
    assert checkout.attributes["acmeshop.order.state"] == "placed"
    assert checkout.attributes["acmeshop.order.total"] == 35_95
    assert events_of(world, checkout.name) == ["order.reserved", "order.placed"]
    [sent] = trace.expect(count=1, kind="PRODUCER")
    [processed] = [s for s in world.spans.get_finished_spans() if s.kind.name == "CONSUMER"]
    assert [format(link.context.span_id, "016x") for link in processed.links] == [sent.span_id]
    linked = source.trace(format(processed.context.trace_id, "032x"))
    linked.expect_whole()
    assert [span.name for span in linked.spans][1:] == [
        "SELECT shipments",
        "pack order",
        "POST /v1/shipments",
        "INSERT shipments",
    ]
    assert events_of(world, "pack order") == ["parcel.booked"]


async def test_a_declined_card_is_an_event_and_no_error_of_the_charge(world: World) -> None:
    await submit(world, card=DECLINED)

    [charge] = finished(world, "charge card")
    [event] = charge.events
    assert (event.name, dict(event.attributes or {})) == (
        "payment.declined",
        {"reason": "the bank declined this card"},
    )
    assert charge.status.status_code is StatusCode.UNSET
    assert (charge.attributes or {})["acmeshop.payment.state"] == "declined"
    assert events_of(world, "POST /users/{user_id}/orders") == ["order.reserved", "order.cancelled"]


async def test_a_recovery_links_to_the_checkout_that_did_not_get_there(world: World) -> None:
    await world.begin("orders", REDIS_URL="redis://127.0.0.1:1")
    await submit(world)
    [checkout] = finished(world, "POST /users/{user_id}/orders")

    await world.begin("orders", **SOON)
    await until(lambda: bool(finished(world, "recover order")))

    [link] = finished(world, "recover order")[0].links
    assert checkout.context is not None
    assert (link.context.trace_id, link.context.span_id) == (
        checkout.context.trace_id,
        checkout.context.span_id,
    )
