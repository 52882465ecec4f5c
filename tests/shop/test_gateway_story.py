"""The whole API as a client of the ACME Fitness demo uses it, and the shapes it promises."""

import re
from decimal import Decimal

import httpx
import pytest

from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.acme import CARD, KETTLE, LANTERN, client_of, item, log_in, order
from traces.testing import Tracing

PRODUCT = {
    "id",
    "name",
    "shortDescription",
    "description",
    "imageUrl1",
    "imageUrl2",
    "imageUrl3",
    "price",
    "tags",
}
NEWCOMER = {
    "username": "zoe",
    "password": "seven wild geese",
    "firstname": "Zoe",
    "lastname": "Kühn",
    "email": "zoe@example.com",
}


async def test_a_recorded_client_shops_from_login_to_history(shop: Shop) -> None:
    async with client_of(shop) as client:
        user = (await log_in(client, "eric"))["token"]
        products = {p["id"]: p for p in (await client.get("/products")).json()["data"]}
        kettle, lantern = products[KETTLE], products[LANTERN]

        add = f"/cart/item/add/{user}"
        await client.post(add, json=item(kettle, "1"))
        await client.post(add, json=item(lantern, "1"))
        cart = (await client.post(add, json=item(kettle, "2"))).json()
        assert cart == (await client.get(f"/cart/items/{user}")).json()
        assert cart == {
            "userid": user,
            "cart": [
                {**item(kettle), "price": kettle["price"], "quantity": 3},
                {**item(lantern), "price": lantern["price"], "quantity": 1},
            ],
        }

        change = {"itemid": KETTLE, "quantity": "2"}
        cart = (await client.post(f"/cart/item/modify/{user}", json=change)).json()
        assert [line["quantity"] for line in cart["cart"]] == [2, 1]

        total = 2 * Decimal(str(kettle["price"])) + Decimal(str(lantern["price"]))
        count = await client.get(f"/cart/items/total/{user}")
        money = await client.get(f"/cart/total/{user}")
        assert count.json() == {"userid": user, "cartitemtotal": 3}
        assert money.json() == {"userid": user, "carttotal": float(total)}

        placed = await client.post(f"/order/add/{user}", json=order(cart["cart"], str(total)))
        assert placed.status_code == 201
        receipt = placed.json()
        payment = receipt.pop("payment")
        assert receipt == {"userid": user, "order_id": receipt["order_id"]}
        assert payment == {
            "success": True,
            "status": "200",
            "message": "transaction successful",
            "amount": float(total),
            "transactionID": payment["transactionID"],
        }
        assert (await client.get(f"/cart/items/{user}")).json() == {"userid": user, "cart": []}

        found = (await client.get(f"/orders/{receipt['order_id']}")).json()
        [listed] = (await client.get(f"/order/{user}")).json()["data"]
        assert found.items() >= {"id": receipt["order_id"], "userid": user}.items()
        assert found["totalPrice"] == listed["totalPrice"] == float(total)
        assert [line["id"] for line in found["items"]] == [KETTLE, LANTERN]
        assert listed["id"] == found["id"]


async def test_products_are_read_one_or_many_and_their_pictures_are_here(shop: Shop) -> None:
    products = (await shop.get("/products")).json()["data"]

    assert all(product.keys() == PRODUCT for product in products)
    assert (await shop.get(f"/products/{KETTLE}")).json() == {
        "data": next(product for product in products if product["id"] == KETTLE)
    }
    for picture in ("imageUrl1", "imageUrl2", "imageUrl3"):
        answer = await shop.get(products[0][picture])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/svg+xml"


async def test_products_are_found_by_words_tags_and_ids(shop: Shop) -> None:
    async def ids(**query: str) -> list[str]:
        found = (await shop.get("/products", params=query)).json()["data"]
        return [product["id"] for product in found]

    [first, *_] = (await shop.get("/tags")).json()["data"]

    assert KETTLE in await ids(q="kettle")
    assert len(await ids(tag=first["name"])) == first["count"]
    assert await ids(ids=f"{LANTERN},unknown,{KETTLE}") == [LANTERN, KETTLE]
    assert await ids(ids="") == []
    assert await ids(q="no such thing") == []


async def test_a_login_returns_tokens_and_the_profile(shop: Shop) -> None:
    session = await log_in(shop, "eric")

    assert session.keys() == {"token", "access_token", "refresh_token", "user"}
    assert session["token"] == session["user"]["id"]
    assert session["user"].keys() == {
        *("id", "username", "firstname", "lastname", "email", "role", "tier")
    }
    profile = await shop.get(f"/users/{session['token']}")
    assert profile.json() == session["user"]


async def test_who_registers_can_log_in(shop: Shop) -> None:
    answer = await shop.post("/register", json=NEWCOMER)

    assert answer.status_code == 201
    found = answer.json()
    assert found.keys() == {"userid", "resourceId", "message"}
    assert found["userid"] == found["resourceId"]
    assert (await log_in(shop, "ZOE", NEWCOMER["password"]))["token"] == found["userid"]
    assert (await shop.post("/register", json=NEWCOMER)).status_code == 409


async def test_nothing_of_a_thing_takes_it_out_of_the_cart_also_when_it_is_not_there(
    shop: Shop,
) -> None:
    user = (await log_in(shop, "eric"))["token"]
    modify = f"/cart/item/modify/{user}"
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})

    for _ in range(2):
        answer = await shop.post(modify, json={"itemid": KETTLE, "quantity": "0"})
        assert (answer.status_code, answer.json()["cart"]) == (200, [])

    absent = await shop.post(modify, json={"itemid": KETTLE, "quantity": 1})
    assert absent.status_code == 404


async def test_a_cart_can_be_cleared(shop: Shop) -> None:
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})

    answer = await shop.get(f"/cart/clear/{user}")

    assert answer.json() == {"userid": user, "cart": []}
    assert (await shop.get(f"/cart/total/{user}")).json() == {"userid": user, "carttotal": 0}


async def test_without_a_cart_in_it_an_order_is_of_what_lies_in_the_users(shop: Shop) -> None:
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE, "quantity": 2})

    answer = await shop.post(f"/order/add/{user}", json={"card": CARD})

    found = (await shop.get(f"/orders/{answer.json()['order_id']}")).json()
    assert [(line["id"], line["quantity"]) for line in found["items"]] == [(KETTLE, 2)]


async def test_the_same_key_is_the_same_order_and_no_key_is_an_order_of_its_own(
    shop: Shop,
) -> None:
    user = (await log_in(shop, "eric"))["token"]
    body = order([{"itemid": KETTLE, "name": "Kettle", "quantity": 1, "price": 0}], "9999")

    async def submit(**headers: str) -> httpx.Response:
        return await shop.post(f"/order/add/{user}", json=body, headers=headers)

    first, again = [await submit(**{"idempotency-key": "pressed-once"}) for _ in range(2)]
    others = [await submit() for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert [other.status_code for other in others] == [201, 201]
    assert len({answer.json()["order_id"] for answer in (first, *others)}) == 3
    assert len((await shop.get(f"/order/{user}")).json()["data"]) == 3


@pytest.mark.parametrize(
    "card", [{"number": "1234"}, {"number": "349834797981x"}, {"expYear": "2020"}]
)
async def test_a_card_that_cannot_be_charged_is_refused_without_a_word_of_it(
    shop: Shop, card: dict[str, str]
) -> None:
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})

    answer = await shop.post(f"/order/add/{user}", json={"card": CARD | card})

    assert answer.status_code == 402
    assert answer.json()["error"] == "payment_required"
    assert not re.search(r"\d{4}", answer.json()["detail"].replace("2020", ""))


async def test_old_cards_are_taken_from_recorded_clients_where_that_is_set(
    shop_with: OpenShop,
) -> None:
    shop = await shop_with(**CALM, PAYMENT_ACCEPT_EXPIRED="1")
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})

    answer = await shop.post(f"/order/add/{user}", json={"card": CARD | {"expYear": "2022"}})

    assert answer.status_code == 201


async def test_a_checkout_is_one_trace_of_one_question_to_auth(shop: Shop, traced: Tracing) -> None:
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})

    with traced() as t:
        await shop.post(f"/order/add/{user}", json={"card": CARD})

    t.expect_edge("gateway", "orders")
    t.expect_edge("orders", "payment")
    t.expect(count=1, service="auth", kind="SERVER")
