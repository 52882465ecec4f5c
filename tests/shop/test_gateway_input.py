"""What the gateway does not take, and what it never repeats."""

import json
import logging
from typing import Any

import pytest

from tests.inprocess import Shop
from tests.shop.acme import CARD, KETTLE, log_in, order
from tests.shop.rules import app_of, posts, served

pytestmark = pytest.mark.services(
    "gateway", "auth", "users", "cart", "articles", "orders", "catalog"
)

LIMIT = 64 * 1024
LINE = {"itemid": KETTLE, "name": "Kettle", "quantity": 1, "price": 1}


async def test_a_slash_at_the_end_costs_no_client_its_body(shop: Shop) -> None:
    app = app_of(shop)
    documented = {route.removeprefix("POST ") for route in served(app) if route[:4] == "POST"}
    bare = {path.rstrip("/") for path in documented}

    assert posts(app) == bare | {f"{path}/" for path in bare}
    for path in posts(app):
        answer = await shop.post(path.format(userid="0" * 24), json={})
        assert not answer.is_redirect, path
    for path in ("/login", "/login/"):
        given = {"username": "eric", "password": "vmware1!"}
        assert (await shop.post(path, json=given)).status_code == 200


async def test_a_body_has_its_limit(shop: Shop) -> None:
    def body(size: int) -> bytes:
        empty = len(json.dumps({"username": "eric", "password": ""}))
        return json.dumps({"username": "eric", "password": "x" * (size - empty)}).encode()

    json_ = {"content-type": "application/json"}

    fits = await shop.post("/login/", content=body(LIMIT), headers=json_)
    assert fits.status_code == 400

    larger = await shop.post("/login/", content=body(LIMIT + 1), headers=json_)
    assert larger.status_code == 413
    assert larger.json()["error"] == "too_large"


async def test_a_body_without_a_length_has_its_limit_too(shop: Shop) -> None:
    async def parts() -> Any:
        for _ in range(80):
            yield b" " * 1024

    headers = {"content-type": "application/json"}
    answer = await shop.post("/login/", content=parts(), headers=headers)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": "many"},
        {"quantity": 1e308},
        {"quantity": -1},
        {"quantity": 100},
        {"quantity": None},
        {"quantity": [1]},
        {"itemid": ""},
        {"itemid": "../../users"},
        {"itemid": "x" * 501},
        {"itemid": {"$ne": 1}},
        {"price": "dear", "itemid": "no-such-thing", "name": "x"},
        {"price": "NaN", "itemid": "no-such-thing", "name": "x"},
        {"name": "\ud800"},
    ],
)
async def test_an_item_that_cannot_be_used_is_a_bad_request(
    shop: Shop, change: dict[str, Any]
) -> None:
    user = (await log_in(shop, "eric"))["token"]
    content = json.dumps(LINE | change).encode()
    headers = {"content-type": "application/json"}

    answer = await shop.post(f"/cart/item/add/{user}", content=content, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"
    assert (await shop.get(f"/cart/items/{user}")).json()["cart"] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 60_000, b"1" * 5000, b'{"card": 1}'],
)
async def test_what_is_no_order_is_a_bad_request(shop: Shop, body: bytes) -> None:
    user = (await log_in(shop, "eric"))["token"]
    headers = {"content-type": "application/json"}

    answer = await shop.post(f"/order/add/{user}", content=body, headers=headers)

    assert answer.status_code == 400


@pytest.mark.parametrize("key", ["short", "x" * 65, "with blanks in it", "newline\\n1"])
async def test_a_key_that_cannot_be_used_is_a_bad_request(shop: Shop, key: str) -> None:
    user = (await log_in(shop, "eric"))["token"]
    body, headers = order([LINE], "99"), {"idempotency-key": key}

    answer = await shop.post(f"/order/add/{user}", json=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Idempotency-Key")


@pytest.mark.parametrize("path", ["/products/%2E%2E", "/orders/%2E%2E", "/articles/v1/%2E"])
async def test_dots_lead_nowhere_else(shop: Shop, path: str) -> None:
    answer = await shop.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("no ")


async def test_no_secret_is_revealed(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"4929 1111 2222 3333", "737", "correct horse battery"}
    card = CARD | {"number": "4929 1111 2222 3333", "ccv": "737"}
    cards = [card, card | {"expMonth": "737"}, card | {"number": ["4929 1111 2222 3333"]}]
    answers = []
    with caplog.at_level(logging.DEBUG, "acmeshop"):
        session = await log_in(shop, "eric")
        given = {"username": "eric", "password": "correct horse battery"}
        answers += [await shop.post("/login/", json=given)]
        answers += [await shop.post("/register", json=given | {"email": 1})]
        path = f"/order/add/{session['token']}"
        answers += [await shop.post(path, json=order([LINE], "99", card=one)) for one in cards]
        await shop.post("/refresh-token", json={"refresh_token": session["refresh_token"]})

    texts = [span.to_json() for span in shop.spans.get_finished_spans()]
    texts += [answer.text for answer in answers] + [caplog.text]
    for secret in secrets - {"737"} | {session["access_token"], session["refresh_token"]}:
        assert all(secret not in text for text in texts)
    assert all('"737"' not in text for text in texts)
