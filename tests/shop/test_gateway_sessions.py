"""Who is asking: cookies, tokens, what other sites' pages may not do, and when auth cannot tell."""

import httpx
import pytest

from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from tests.shop.acme import CARD, KETTLE, client_of, log_in

GUESTS_ORDER = "/orders/12345"
ENDED = "this session has ended: log in again"
FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
]
OWN: list[dict[str, str]] = [
    {},
    {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:5000"},
    {"sec-fetch-site": "none"},
    {"origin": "http://127.0.0.1:5000"},
]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_a_login_sets_a_cookie_that_scripts_cannot_read(
    shop: Shop, scheme: str, *, secure: bool
) -> None:
    async with client_of(shop, scheme) as client:
        given = {"username": "eric", "password": "vmware1!"}
        answer = await client.post("/login/", json=given)

    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert cookie == f"acme_session={answer.json()['access_token']}"
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(attributes)
    assert ("Secure" in attributes) is secure
    assert answer.headers["cache-control"] == "no-store"


async def test_cookie_or_token_either_is_enough(shop: Shop) -> None:
    async with client_of(shop) as with_cookie, client_of(shop) as with_token:
        session = await log_in(with_cookie, "eric")
        path = f"/cart/items/{session['token']}"

        assert (await with_cookie.get(path)).status_code == 200
        assert (await with_token.get(path)).status_code == 401
        headers = bearer(session["access_token"])
        assert (await with_token.get(path, headers=headers)).status_code == 200


async def test_a_token_that_is_sent_counts_more_than_the_cookie(shop: Shop) -> None:
    async with client_of(shop) as client:
        phoebe = await log_in(client, "phoebe")
        eric = await log_in(client, "eric")

        path = f"/users/{phoebe['token']}"

        assert (await client.get(path)).status_code == 403
        assert (await client.get(path, headers=bearer(phoebe["access_token"]))).is_success
        assert (await client.get(f"/users/{eric['token']}")).is_success


async def test_a_logout_ends_the_session_and_takes_the_cookie_away(shop: Shop) -> None:
    async with client_of(shop) as client:
        session = await log_in(client, "eric")

        answer = await client.post("/logout")

        assert answer.json() == {"message": "logged out"}
        assert "acme_session" not in client.cookies
        path, headers = f"/cart/items/{session['token']}", bearer(session["access_token"])
        assert (await client.get(path)).json()["detail"] == "log in first"
        ended = await client.get(path, headers=headers)
        assert (ended.status_code, ended.json()["detail"]) == (401, ENDED)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "nonsense"}, {"cookie": 'acme_session="a b"'}]
)
async def test_who_is_not_logged_in_can_log_out(shop: Shop, headers: dict[str, str]) -> None:
    assert (await shop.post("/logout", headers=headers)).status_code == 200


async def test_a_refresh_token_is_good_for_one_new_session(shop: Shop) -> None:
    async with client_of(shop) as client:
        first = await log_in(client, "eric")
        given = {"refresh_token": first["refresh_token"]}

        second = (await client.post("/refresh-token", json=given)).json()
        third = await client.post("/refresh-token", json=given)

        assert second.keys() == first.keys()
        assert second["access_token"] == client.cookies["acme_session"]
        assert second["access_token"] != first["access_token"]
        assert third.status_code == 401


@pytest.mark.parametrize("username", ["eric", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    shop: Shop, username: str
) -> None:
    answer = await shop.post("/login/", json={"username": username, "password": "wrong-wrong"})

    assert answer.status_code == 401
    assert answer.json()["detail"] == "username or password is wrong"
    assert "set-cookie" not in answer.headers


async def test_a_session_that_has_ended_is_not_a_failure_of_auth(shop: Shop) -> None:
    answer = await shop.get(GUESTS_ORDER, headers=bearer("long-forgotten"))

    assert answer.status_code == 401
    assert answer.json() == {"error": "unauthorized", "detail": ENDED}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Basic ZXJpYzp4"},
        {"authorization": "Bearer "},
        {"cookie": r'acme_session="a\015\012x-injected: 1"'},
        {"cookie": 'acme_session="two words"'},
    ],
)
async def test_what_can_be_no_token_goes_no_further(shop: Shop, headers: dict[str, str]) -> None:
    with shop.tracing() as t:
        answer = await shop.get(GUESTS_ORDER, headers=headers)

    assert answer.status_code == 401
    assert t.edges() == set()


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_sites_page_changes_nothing_with_a_cookie(
    shop: Shop, headers: dict[str, str]
) -> None:
    async with client_of(shop) as client:
        user = (await log_in(client, "eric"))["token"]
        await client.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})
        before = (await client.get(f"/cart/items/{user}")).json()

        refused = [
            await client.post(f"/cart/item/add/{user}", json={"itemid": KETTLE}, headers=headers),
            await client.get(f"/cart/clear/{user}", headers=headers),
            await client.post(f"/order/add/{user}", json={"card": CARD}, headers=headers),
            await client.post("/logout", headers=headers),
        ]

        assert [answer.status_code for answer in refused] == [403] * 4
        assert (await client.get(f"/cart/items/{user}", headers=headers)).json() == before


async def test_another_sites_page_cannot_log_a_browser_out(shop: Shop) -> None:
    answer = await shop.post("/logout", headers={"sec-fetch-site": "cross-site"})

    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", OWN)
async def test_our_own_pages_and_plain_clients_change_things_with_a_cookie(
    shop: Shop, headers: dict[str, str]
) -> None:
    async with client_of(shop) as client:
        user = (await log_in(client, "eric"))["token"]

        answer = await client.post(
            f"/cart/item/add/{user}", json={"itemid": KETTLE}, headers=headers
        )

        assert answer.status_code == 200


async def test_a_token_works_from_everywhere_as_no_browser_sends_it_by_itself(shop: Shop) -> None:
    async with client_of(shop) as client:
        session = await log_in(client, "eric")
        headers = bearer(session["access_token"]) | {"origin": "http://elsewhere.example"}

        answer = await client.get(f"/cart/clear/{session['token']}", headers=headers)

        assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_a_form_can_send_is_no_json(shop: Shop, kind: str) -> None:
    body = b'{"username": "eric", "password": "vmware1!"}'
    headers = {"content-type": kind} if kind else {}

    answer = await shop.post("/login/", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (415, "unsupported_media_type")
    assert "vmware1!" not in answer.text


@pytest.mark.parametrize("down", ["away", "failing"])
async def test_when_auth_fails_nobody_is_let_in(shop_with: OpenShop, down: str) -> None:
    shop = await shop_with(**CALM | ({"AUTH_FAILURE_RATE": "1"} if down == "failing" else {}))
    user = (await log_in(shop, "eric"))["token"]
    if down == "away":
        shop.unplug("auth")

    for path in (GUESTS_ORDER, f"/cart/items/{user}", f"/order/{user}", "/order/all"):
        answer = await shop.get(path)
        assert answer.status_code == 503
        assert answer.json()["detail"] == "Auth Service gave an error"


async def test_when_users_is_down_a_login_is_a_failure_of_auth(shop: Shop) -> None:
    shop.unplug("users")

    answer = await shop.post("/login/", json={"username": "eric", "password": "vmware1!"})

    assert answer.status_code == 503
    assert answer.json()["detail"] == "Auth Service gave an error"


async def test_when_orders_is_down_every_question_to_it_says_so(shop: Shop) -> None:
    user = (await log_in(shop, "walter"))["token"]
    shop.unplug("orders")

    answers = [await shop.get(path) for path in (f"/order/{user}", "/order/all", "/orders/1")]
    answers.append(await shop.post(f"/order/add/{user}", json={"card": CARD}))

    for answer in answers:
        assert answer.status_code == 503
        assert answer.json()["detail"] == "Error contacting Orders service"


async def test_where_an_order_is_undecided_the_answer_is_to_press_again(
    shop: Shop,
) -> None:
    user = (await log_in(shop, "eric"))["token"]
    await shop.post(f"/cart/item/add/{user}", json={"itemid": KETTLE})
    shop.unplug("payment")

    answer: httpx.Response = await shop.post(f"/order/add/{user}", json={"card": CARD})

    assert answer.status_code == 503
    assert "submit it again with the same Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize("username", ["eric", "nobody"])
async def test_logins_slow_down_after_ten_failures(shop: Shop, username: str) -> None:
    given = {"username": username, "password": "wrong-wrong"}
    failed = [await shop.post("/login/", json=given) for _ in range(10)]
    refused = await shop.post("/login/", json=given)

    assert [answer.status_code for answer in failed] == [401] * 10
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")
    assert 0 < int(refused.headers["retry-after"]) <= 10


async def test_logins_count_where_the_storefront_says_its_visitor_is(shop: Shop) -> None:
    async def status(address: str, **headers: str) -> int:
        given = {"username": "eric", "password": "wrong-wrong"}
        answer = await shop.post(
            "/login/", json=given, headers={"x-acmeshop-client": address, **headers}
        )
        return answer.status_code

    storefront = {"baggage": "session.id=5e55105e55105e55"}
    for _ in range(10):
        assert await status("10.0.0.1", **storefront) == 401

    assert await status("10.0.0.1", **storefront) == 429
    assert await status("10.0.0.2", **storefront) == 401
    assert await status("10.0.0.1") == 401, "of others it is not believed"
