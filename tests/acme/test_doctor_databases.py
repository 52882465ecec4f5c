"""What the doctor says of Redis and MongoDB, and what it never says."""

import os
import socket
from pathlib import Path

import pytest
from redis import Redis

from acme.doctor import databases, shop
from acme.doctor.finding import Finding
from acme.ephemeral import ephemeral_redis
from acme.redis import server

SECRET = "opensesame"


def text_of(found: list[Finding]) -> str:
    return "\n".join(f"{one.mark} {one.what} {one.fix}" for one in found)


def test_a_working_redis_reports_its_version_and_keeps_a_value(redis_url: str) -> None:
    version, round_trip = databases.redis(redis_url, "Mend it.")

    assert (version.mark, round_trip.mark) == ("ok", "ok")
    assert " answers at 127.0.0.1:" in version.what
    assert "took a value and gave it back in" in round_trip.what
    with Redis.from_url(redis_url, protocol=2) as client:
        assert not client.keys("doctor:*"), "nothing is left behind"


def test_fakeredis_passes_the_check(tmp_path: Path) -> None:
    with ephemeral_redis(server.Server(), tmp_path) as url:
        assert [one.mark for one in databases.redis(url, "Mend it.")] == ["ok", "ok"]


def test_a_redis_too_old_for_streams_is_a_failure(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "OLDEST", (99, 0))

    found = next(databases.redis(redis_url, "Mend it."))

    assert (found.mark, found.fix) == ("fail", databases.NEED)


def test_a_valkey_is_called_by_its_name() -> None:
    class Message:
        def info(self, _: str) -> dict[str, str]:
            return {"redis_version": "7.2.4", "valkey_version": "8.1.3"}

    assert databases.kind(Message()) == ("Valkey", (8, 1, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize("user", ["", "eric"])
def test_nobody_there_is_a_failure_without_the_password(user: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    found = [*databases.redis(f"redis://{user}:{SECRET}@127.0.0.1:{port}/0", "Start it.")]

    (only,) = found
    assert only == Finding(
        "fail", f"Redis at 127.0.0.1:{port} cannot be used: ConnectionError", "Start it."
    )


@pytest.mark.parametrize("mark", "/#?@:")
def test_a_password_that_is_not_encoded_is_not_shown_either(mark: str) -> None:
    url = f"redis://eric:{SECRET}{mark}{SECRET}@127.0.0.1:1"

    found = [*databases.redis(url, "Mend it."), *databases.mongo(url.replace("redis", "mongodb"))]

    assert [one.mark for one in found] == ["fail", "fail"]
    assert SECRET not in text_of(found)


def test_a_wrong_password_is_reported_by_its_kind(redis_url: str) -> None:
    (found,) = databases.redis(redis_url.replace("//", f"//eric:{SECRET}@"), "Mend it.")

    assert found.mark == "fail"
    assert SECRET not in found.what


def test_a_mongodb_that_is_away_is_a_failure_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(databases, "PATIENCE", 0.1)

    (found,) = databases.mongo(f"mongodb://eric:{SECRET}@127.0.0.1:1,127.0.0.1:2/shop")

    assert found.what == (
        "MongoDB at 127.0.0.1:1,127.0.0.1:2 cannot be used: ServerSelectionTimeoutError"
    )
    assert "MONGO_URL" in found.fix


def test_the_redis_that_is_named_is_the_one_that_is_looked_at(redis_url: str) -> None:
    named = [*shop.redis_alone({"REDIS_URL": redis_url})]
    own = [*shop.redis_alone({"PATH": os.environ["PATH"]})]

    assert redis_url.removeprefix("redis://") in named[0].what
    assert redis_url.removeprefix("redis://") not in text_of(own)
    assert {one.mark for one in own} <= {"ok", "warn"}


def test_no_mongodb_is_looked_for_where_none_is_named() -> None:
    assert [*shop.mongo({})] == []
