"""What users answers."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from services.users.domain import id_of
from shared.mocks import read_mocks
from tests.conftest import CALM, OpenShop
from tests.inprocess import Shop
from traces.testing import Tracing

pytestmark = pytest.mark.services("users")

DEMO = {user["username"]: user for user in read_mocks(Path("mocks/users.json"))["users"]}
ZOE = {
    "username": "Zoe.K",
    "password": "seven wild geese",
    "firstname": "Zoe",
    "lastname": "Kühn",
    "email": "zoe@example.com",
}
WRONG = {"error": "unauthorized", "detail": "username or password is wrong"}


async def register(shop: Shop, **changes: Any) -> Response:
    return await shop.post(shop.url("users", "/users"), json=ZOE | changes)


async def check(shop: Shop, username: str, password: str) -> Response:
    given = {"username": username, "password": password}
    return await shop.post(shop.url("users", "/credentials"), json=given)


async def read(shop: Shop, user_id: str) -> Response:
    return await shop.get(shop.url("users", f"/users/{user_id}"))


async def test_the_six_demo_users_are_there(shop: Shop) -> None:
    for name, profile in DEMO.items():
        answer = await check(shop, name, "vmware1!")
        assert answer.status_code == 200
        assert answer.json() == (await read(shop, profile["id"])).json() == profile


async def test_the_ids_of_the_demo_users_are_those_of_their_names() -> None:
    assert all(profile["id"] == id_of(name) for name, profile in DEMO.items())


async def test_a_machine_that_is_slow_starts_all_the_same(
    shop_with: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.users.store.passwords.KIB", 64 * 1024)
    shop = await shop_with(**CALM, ACME_TIMEOUT_MS="1")

    assert list(shop.runtimes) == ["users"]


async def test_a_new_user_gets_a_profile_and_can_be_recognised(shop: Shop) -> None:
    answer = await register(shop)

    assert answer.status_code == 201
    profile = answer.json()
    assert profile.pop("id") == id_of("zoe.k")
    person = {key: ZOE[key] for key in ("firstname", "lastname", "email")}
    assert profile == {**person, "username": "zoe.k", "role": "customer", "tier": "standard"}
    assert (await check(shop, "ZOE.k", ZOE["password"])).json() == answer.json()


async def test_a_username_is_given_once_in_all_its_spellings(shop: Shop) -> None:
    await register(shop)

    for name in ("Zoe.K", "zoe.k", "ERIC"):
        answer = await register(shop, username=name, password="another password")
        assert answer.status_code == 409
        assert answer.json()["error"] == "conflict"

    assert (await check(shop, "zoe.k", ZOE["password"])).status_code == 200


async def test_of_two_who_want_a_username_at_once_one_wins(shop: Shop) -> None:
    passwords = [f"password {number}" for number in range(4)]

    answers = await asyncio.gather(*(register(shop, password=word) for word in passwords))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    winner = next(
        word for word, answer in zip(passwords, answers, strict=True) if answer.status_code == 201
    )
    known = [(await check(shop, "zoe.k", word)).status_code == 200 for word in passwords]
    assert known == [word == winner for word in passwords]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "z"}, "username"),
        ({"username": "zoe k"}, "username"),
        ({"username": None}, "username"),
        ({"password": "seven"}, "password"),
        ({"password": "s" * 129}, "password"),
        ({"password": 12345678}, "password"),
        ({"firstname": " "}, "firstname"),
        ({"lastname": "K\nK"}, "lastname"),
        ({"lastname": "x" * 81}, "lastname"),
        ({"email": "zoe"}, "email"),
        ({"email": "zoe@" + "x" * 254}, "email"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_field(
    shop: Shop, changes: dict[str, Any], field: str
) -> None:
    answer = await register(shop, **changes)

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("field", ["username", "password", "firstname", "email"])
async def test_what_is_refused_is_not_repeated(shop: Shop, field: str) -> None:
    answer = await register(shop, **{field: "hushhush\n" * 20})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{field}: ")
    assert "hush" not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"eric"', b'{"username": "eric", "password": "\\ud800-wild-geese"}']
)
async def test_a_body_that_is_none_is_a_bad_request(shop: Shop, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    for path in ("/users", "/credentials"):
        answer = await shop.post(shop.url("users", path), content=body, headers=headers)
        assert answer.status_code == 400, answer.text
        assert "geese" not in answer.text


@pytest.mark.parametrize(
    ("username", "password"),
    [("eric", "vmware1"), ("nobody", "vmware1!"), ("no name!", "vmware1!"), ("", "")],
)
async def test_wrong_credentials_are_answered_alike_and_cost_alike(
    shop: Shop, traced: Tracing, username: str, password: str
) -> None:
    with traced() as t:
        answer = await check(shop, username, password)

    assert answer.status_code == 401
    assert answer.json() == WRONG
    t.expect(count=1, service="users", name="verify password", error=False)


async def test_checking_costs_one_operation_and_one_verification(
    shop: Shop, traced: Tracing
) -> None:
    with traced() as t:
        await check(shop, "eric", "vmware1!")

    assert [span.name for span in t.spans] == [
        "POST /credentials",
        "SELECT users",
        "verify password",
    ]


async def test_registering_costs_one_hash_and_one_operation(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await register(shop)

    assert [span.name for span in t.spans] == ["POST /users", "hash password", "INSERT users"]
    [hashing] = [s for s in shop.spans.get_finished_spans() if s.name == "hash password"]
    assert [event.name for event in hashing.events] == ["password.thread_started"]


@pytest.mark.parametrize("user_id", ["guest", "0" * 23, "Z" * 24, "0" * 101])
async def test_a_malformed_id_is_a_bad_request(shop: Shop, user_id: str) -> None:
    answer = await read(shop, user_id)

    assert answer.status_code == 400
    assert user_id[:100] in answer.json()["detail"]


async def test_an_unknown_user_is_not_found(shop: Shop) -> None:
    answer = await read(shop, "0" * 24)

    assert answer.status_code == 404
    assert answer.json()["detail"] == f"no user {'0' * 24}"


async def test_a_changed_demo_password_is_the_one_from_then_on(
    shop_with: OpenShop, tmp_path: Path
) -> None:
    data = str(tmp_path / "data")
    old = await shop_with(**CALM, ACME_DATA=data, DEMO_PASSWORD="the old one")
    await register(old)

    shop = await shop_with(**CALM, ACME_DATA=data, DEMO_PASSWORD="the new one")

    for name in DEMO:
        assert (await check(shop, name, "the old one")).status_code == 401
        assert (await check(shop, name, "the new one")).status_code == 200
    assert (await check(shop, "zoe.k", ZOE["password"])).status_code == 200


async def test_no_password_and_no_hash_is_revealed(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answers = [
        await register(shop),
        await register(shop),
        await check(shop, "zoe.k", ZOE["password"]),
        await check(shop, ZOE["password"], ZOE["password"]),
        await read(shop, id_of("zoe.k")),
    ]

    texts = "".join(span.to_json() for span in shop.spans.get_finished_spans())
    texts += caplog.text + "".join(answer.text for answer in answers)
    assert "verify password" in texts
    assert ZOE["password"] not in texts
    assert "argon2id" not in texts
