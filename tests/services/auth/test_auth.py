"""What auth answers."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from services.auth.clients import Users
from services.auth.domain import digest
from shared.contracts.users import Profile
from shared.mocks import read_mocks
from tests.inprocess import Shop
from traces.testing import Tracing

pytestmark = pytest.mark.services("auth", "users")

ERIC = read_mocks(Path("mocks/users.json"))["users"][0]
PASSWORD = "vmware1!"
ENDED = {"error": "unauthorized", "detail": "this session has ended: log in again"}


async def log_in(shop: Shop, username: str = "eric", password: str = PASSWORD) -> Response:
    given = {"username": username, "password": password}
    return await shop.post(shop.url("auth", "/login"), json=given)


async def session(shop: Shop) -> Any:
    answer = await log_in(shop)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def identify(shop: Shop, authorization: str | None = None) -> Response:
    headers = {} if authorization is None else {"authorization": authorization}
    return await shop.get(shop.url("auth", "/auth"), headers=headers)


async def refresh(shop: Shop, token: str) -> Response:
    return await shop.post(shop.url("auth", "/refresh"), json={"refresh_token": token})


async def log_out(shop: Shop, authorization: str = "", body: Any = None) -> Response:
    headers = {"authorization": authorization} if authorization else {}
    return await shop.post(shop.url("auth", "/logout"), headers=headers, json=body)


async def test_without_a_login_everybody_is_the_guest(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        answer = await identify(shop)

    assert answer.json() == {
        "id": "guest",
        "username": "guest",
        "name": "Guest",
        "role": "guest",
        "tier": "guest",
    }
    [server] = t.spans  # the guest is in no store
    assert server.attributes["user.id"] == "guest"


async def test_who_logs_in_is_known_by_the_token(shop: Shop) -> None:
    opened = await session(shop)

    assert opened.keys() == {"user", "access_token", "refresh_token"}
    assert opened["user"] == ERIC
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = await identify(shop, f"{scheme} {opened['access_token']}")
        assert answer.json() == {
            "id": ERIC["id"],
            "username": "eric",
            "name": "Eric Lindqvist",
            "role": "customer",
            "tier": "gold",
        }


async def test_a_login_is_one_call_and_one_operation(shop: Shop, traced: Tracing) -> None:
    with traced() as t:
        await session(shop)

    t.expect_whole()
    assert t.edges() == {("auth", "users")}
    assert [span.name for span in t.find(service="auth")] == [
        "POST /login",
        "POST /credentials",
        "MULTI SET session",
    ]
    kept = t.spans[-1].attributes
    assert kept["db.query.text"] == "SET session:? ? EX ?; SET refresh:? ? EX ?"


async def test_knowing_a_token_is_one_operation(shop: Shop, traced: Tracing) -> None:
    opened = await session(shop)

    with traced() as t:
        await identify(shop, f"Bearer {opened['access_token']}")

    assert [span.name for span in t.spans] == ["GET /auth", "GET session"]
    assert t.spans[0].attributes["user.id"] == ERIC["id"]


async def test_an_answer_with_tokens_is_kept_by_nobody(shop: Shop) -> None:
    answer = await log_in(shop)

    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("username", "password"), [("eric", "vmware1"), ("nobody", PASSWORD), ("no name!", PASSWORD)]
)
async def test_wrong_credentials_open_no_session(
    shop: Shop, traced: Tracing, username: str, password: str
) -> None:
    with traced() as t:
        answer = await log_in(shop, username, password)

    assert answer.status_code == 401
    assert answer.json()["detail"] == "username or password is wrong"
    t.expect(count=0, service="auth", name="MULTI SET session")


async def test_when_users_is_down_nobody_can_log_in_but_sessions_go_on(shop: Shop) -> None:
    opened = await session(shop)
    shop.unplug("users")

    assert (await log_in(shop)).status_code == 503
    assert (await identify(shop, f"Bearer {opened['access_token']}")).status_code == 200


@pytest.mark.parametrize("token", ["unknown", "x" * 43])
async def test_an_unknown_token_is_refused(shop: Shop, token: str) -> None:
    for answer in (await identify(shop, f"Bearer {token}"), await refresh(shop, token)):
        assert answer.status_code == 401
        assert answer.json() == ENDED


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer a b", "Basic ZXJpYw==", "Bearer \xff"])
async def test_a_malformed_header_is_refused(shop: Shop, traced: Tracing, header: str) -> None:
    with traced() as t:
        answer = await shop.get(
            shop.url("auth", "/auth"), headers=[(b"authorization", header.encode("latin-1"))]
        )

    assert answer.status_code == 401
    assert len(t.spans) == 1


async def test_neither_token_stands_in_for_the_other(shop: Shop) -> None:
    opened = await session(shop)

    assert (await identify(shop, f"Bearer {opened['refresh_token']}")).status_code == 401
    assert (await refresh(shop, opened["access_token"])).status_code == 401


async def test_a_refresh_gives_new_tokens_and_ends_the_old_ones(shop: Shop) -> None:
    opened = await session(shop)

    answer = await refresh(shop, opened["refresh_token"])

    renewed = answer.json()
    assert answer.status_code == 200
    assert renewed["user"] == ERIC
    assert (await identify(shop, f"Bearer {renewed['access_token']}")).status_code == 200
    assert (await identify(shop, f"Bearer {opened['access_token']}")).json() == ENDED
    assert (await refresh(shop, opened["refresh_token"])).json() == ENDED
    assert (await refresh(shop, renewed["refresh_token"])).status_code == 200


async def test_a_refresh_token_that_is_used_twice_at_once_works_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, read, all_valid = await session(shop), Users.read, asyncio.Barrier(4)

    async def read_together(users: Users, user_id: str) -> Profile:
        await all_valid.wait()  # until then the token is used up by none of them
        return await read(users, user_id)

    monkeypatch.setattr(Users, "read", read_together)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(refresh(shop, opened["refresh_token"]) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_refresh_that_fails_because_of_users_can_be_tried_again(shop: Shop) -> None:
    opened = await session(shop)
    line = shop.board.lines[5007]
    shop.unplug("users")

    assert (await refresh(shop, opened["refresh_token"])).status_code == 503

    shop.board.lines[5007] = line
    assert (await refresh(shop, opened["refresh_token"])).status_code == 200


@pytest.mark.parametrize("by", ["access", "refresh", "both"])
async def test_a_logout_ends_both_tokens_whichever_is_shown(shop: Shop, by: str) -> None:
    opened = await session(shop)
    shown = f"Bearer {opened['access_token']}" if by != "refresh" else ""
    body = {"refresh_token": opened["refresh_token"]} if by != "access" else None

    answer = await log_out(shop, shown, body)

    assert (answer.status_code, answer.json()) == (200, {})
    assert (await identify(shop, f"Bearer {opened['access_token']}")).status_code == 401
    assert (await refresh(shop, opened["refresh_token"])).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer unknown", "nonsense"])
@pytest.mark.parametrize("body", [None, {}, {"refresh_token": None}, {"refresh_token": "unknown"}])
async def test_a_logout_always_succeeds(shop: Shop, header: str, body: Any) -> None:
    answer = await log_out(shop, header, body)

    assert (answer.status_code, answer.json()) == (200, {})


async def test_a_session_of_one_is_not_ended_by_the_logout_of_another(shop: Shop) -> None:
    one, other = await session(shop), await session(shop)

    await log_out(shop, f"Bearer {one['access_token']}")

    assert (await identify(shop, f"Bearer {other['access_token']}")).status_code == 200


async def test_redis_keeps_digests_only_and_forgets_them_in_time(shop: Shop) -> None:
    opened = await session(shop)
    redis = shop.runtimes["auth"].stores.redis().client

    access, other = f"session:{digest(opened['access_token'])}", opened["refresh_token"]
    keys = [*await redis.keys("session:*"), *await redis.keys("refresh:*")]
    kept = [*keys, *await redis.mget(keys)]

    assert not any(token in str(kept) for token in (opened["access_token"], other))
    assert 0 < await redis.ttl(access) <= 12 * 3600
    assert 12 * 3600 < await redis.ttl(f"refresh:{digest(other)}") <= 14 * 24 * 3600


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/login", {"username": "eric"}),
        ("/login", {"username": "eric", "password": "hush" * 33}),
        ("/login", {"username": "hush" * 9, "password": PASSWORD}),
        ("/login", {"username": "eric", "password": ["hush"]}),
        ("/refresh", {}),
        ("/refresh", {"refresh_token": "hush" * 51}),
        ("/logout", {"refresh_token": "hush" * 51}),
    ],
)
async def test_what_cannot_be_used_is_refused_and_not_repeated(
    shop: Shop, path: str, body: Any
) -> None:
    answer = await shop.post(shop.url("auth", path), json=body)

    assert answer.status_code == 400
    assert "hush" not in answer.text


async def test_no_password_and_no_token_is_revealed(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    opened = await session(shop)
    renewed = (await refresh(shop, opened["refresh_token"])).json()
    failed = [
        await log_in(shop, "eric", "a wrong secret"),
        await log_in(shop, "a wrong secret", "eric"),
        await identify(shop, f"Bearer {opened['access_token']}"),
        await refresh(shop, opened["refresh_token"]),
    ]
    shop.unplug("users")
    failed += [await log_in(shop), await refresh(shop, renewed["refresh_token"])]
    await log_out(shop, f"Bearer {renewed['access_token']}")

    texts = "".join(span.to_json() for span in shop.spans.get_finished_spans())
    texts += caplog.text + "".join(answer.text for answer in failed)
    tokens = [each[key] for each in (opened, renewed) for key in ("access_token", "refresh_token")]
    assert "GET /auth" in texts
    for secret in (PASSWORD, "a wrong secret", *tokens, *map(digest, tokens)):
        assert secret not in texts
