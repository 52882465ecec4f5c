"""`acme up` and what can be done to a running shop, with real processes and real sockets."""

import json
import os
import signal
import socket
from contextlib import suppress
from functools import partial

import pytest

from acme.ephemeral import is_free
from acme.launcher import environment
from acme.redis.server import choose
from shared.topology import BY_NAME, SERVICES
from tests.e2e.launched import FEW, REDIS, Launched, exists, get, until

ENOUGH = 30.0  # for an end that waits for nobody; a failure is a hang, not a slow machine


def test_every_service_is_a_process_of_its_own_that_ps_finds_healthy(shop: Launched) -> None:
    shop.environ |= {"AUTH_FAILURE_RATE": "0", "SHIPPING_FAILURE_RATE": "0"}
    up = shop.up()

    found = shop.services()

    assert list(found) == [*BY_NAME, "redis"]
    places = [row["ports"][0] - shop.base for row in found.values()]
    assert places == [*range(len(SERVICES)), REDIS]
    assert all(row["healthy"] for row in found.values())
    pids = {row["pid"] for row in found.values()}
    assert len(pids) == len(SERVICES) + 1
    assert up.pid not in pids
    assert {os.getpgid(pid) for pid in pids} == pids, "each has a process group of its own"
    for name, row in found.items():
        assert row["url"] in shop.log()
        assert description(name) in shop.log()
        assert row["restarts"] == 0
        assert row["rss_mib"] > 1
    assert "seed 267" in shop.log()
    status, answer = get(f"{found['gateway']['url']}/orders/12345")
    assert (status, json.loads(answer)["status"]) == (200, "delivered")


def description(name: str) -> str:
    """What `acme up` says of a program; of Redis it depends on what this machine has."""
    own = environment.own()
    return BY_NAME[name].is_ if name in BY_NAME else choose(own.get("PATH", "")).description


def test_a_killed_service_is_restarted_on_its_port_and_serves_again(shop: Launched) -> None:
    shop.up(*FEW)
    before = shop.services()["suggestions"]

    done = shop.acme("kill", "suggestions")

    assert f"SIGKILL sent to suggestions (pid {before['pid']})" in done.stdout
    until(lambda: shop.pids()["suggestions"] not in {0, before["pid"]})
    until(lambda: get(f"{before['url']}/readyz")[0] == 200)
    after = shop.services()["suggestions"]
    assert (after["ports"], after["restarts"]) == (before["ports"], 1)
    how = f"suggestions (pid {before['pid']}) was killed by SIGKILL"
    assert f"{how}; restarted as pid {after['pid']} (1)" in shop.log()


def test_a_service_that_crashes_again_waits_before_its_next_start(shop: Launched) -> None:
    shop.up(*FEW)
    for _ in range(3):
        pid = until(lambda: shop.pids()["suggestions"])
        os.kill(pid, signal.SIGKILL)
        until(partial(was_replaced, shop, pid))

    until(lambda: "restarted as pid" in shop.log() and "(3)" in shop.log())

    assert "next start in 0.5 s (2)" in shop.log()
    assert "next start in 1 s (3)" in shop.log()


def test_a_port_taken_while_its_service_was_down_is_waited_for(shop: Launched) -> None:
    shop.up(*FEW)
    port = shop.services()["suggestions"]["ports"][0]
    for _ in range(3):
        pid = until(lambda: shop.pids()["suggestions"])
        os.kill(pid, signal.SIGKILL)
        until(partial(was_replaced, shop, pid))
    with until(lambda: listener(port)):
        until(lambda: f"port {port}: Address already in use; next try in" in shop.log())
        assert shop.pids()["suggestions"] == 0

    until(lambda: get(f"http://127.0.0.1:{port}/readyz")[0] == 200)
    assert shop.services()["suggestions"]["restarts"] == 3


def listener(port: int) -> socket.socket | None:
    with suppress(OSError):
        return socket.create_server(("127.0.0.1", port))
    return None


def was_replaced(shop: Launched, pid: int) -> bool:
    return shop.pids()["suggestions"] != pid


def test_without_restarts_a_killed_service_stays_down_and_refuses_calls(shop: Launched) -> None:
    shop.up("--no-restart", *FEW)
    url = shop.services()["suggestions"]["url"]

    done = shop.acme("kill", "suggestions", "--signal", "TERM")

    assert "it stays down, and calls to it are refused" in done.stdout
    until(lambda: "it stays down" in shop.log())
    assert get(f"{url}/readyz") == (0, "ConnectionRefusedError")
    row = shop.services()["suggestions"]
    assert (row["pid"], row["healthy"]) == (0, False)


def test_ctrl_c_stops_everything_politely(shop: Launched) -> None:
    up = shop.up()
    pids, ports = shop.pids().values(), [row["ports"] for row in shop.services().values()]

    up.send_signal(signal.SIGINT)

    assert up.wait(ENOUGH) == 0
    assert not any(map(exists, pids))
    assert all(is_free(port) for several in ports for port in several)
    assert not (shop.run / "run.json").exists()
    assert "killed" not in shop.log()


def test_a_service_that_hangs_does_not_hold_up_the_end(shop: Launched) -> None:
    up = shop.up(*FEW)
    hanging = shop.pids()["suggestions"]
    shop.acme("kill", "suggestions", "--signal", "STOP")

    up.send_signal(signal.SIGINT)

    assert up.wait(ENOUGH) == 0
    assert not exists(hanging)


def test_a_second_ctrl_c_kills_what_hangs(shop: Launched) -> None:
    up = shop.up(*FEW)
    pids = shop.pids().values()
    shop.acme("kill", "suggestions", "--signal", "STOP")

    up.send_signal(signal.SIGINT)
    until(lambda: "once more kills it" in shop.log())
    up.send_signal(signal.SIGINT)

    assert up.wait(ENOUGH) == 0
    assert not any(map(exists, pids))


def test_services_end_when_their_launcher_is_killed(shop: Launched) -> None:
    up = shop.up()
    pids = shop.pids().values()
    assert all(map(exists, pids))

    up.kill()
    up.wait()

    until(lambda: not any(map(exists, pids)))


@pytest.mark.parametrize("way", [(), ("--spawn",)])
def test_a_hanging_service_too_ends_when_its_launcher_is_killed(
    shop: Launched, way: tuple[str, ...]
) -> None:
    up = shop.up(*way, *FEW)
    pids = shop.pids().values()
    shop.acme("kill", "suggestions", "--signal", "STOP")

    up.kill()
    up.wait()

    until(lambda: not any(map(exists, pids)))


def test_spawned_services_serve_and_stop_like_forked_ones(shop: Launched) -> None:
    up = shop.up("--spawn", *FEW)
    pids = shop.pids()

    status, answer = get(f"{shop.services()['articles']['url']}/articles/v1/?with_suggested=1")
    up.send_signal(signal.SIGTERM)

    assert (status, len(answer) > 100) == (200, True)
    assert up.wait(ENOUGH) == 0
    assert not any(map(exists, pids.values()))


def test_down_stops_the_shop_of_another_terminal_and_may_be_repeated(shop: Launched) -> None:
    up = shop.up(*FEW)
    pids = shop.pids().values()

    first, second = shop.acme("down"), shop.acme("down")

    assert (first.returncode, second.returncode) == (0, 0)
    assert f"The shop (pid {up.pid}) has stopped" in first.stdout
    assert "Nothing runs" in second.stdout
    assert up.wait(ENOUGH) == 0
    assert not any(map(exists, pids))


def test_down_ends_even_a_launcher_that_hangs(shop: Launched) -> None:
    up = shop.up(*FEW)
    pids = shop.pids().values()
    up.send_signal(signal.SIGSTOP)

    done = shop.acme("down")
    up.wait(ENOUGH)

    assert "was killed" in done.stdout
    assert not any(map(exists, pids))


def test_spans_that_wait_are_sent_before_the_end(shop: Launched) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    shop.environ |= {"OTEL_BSP_SCHEDULE_DELAY": "60000"}
    up = shop.up("articles", "suggestions", "lens")
    url = shop.services()["suggestions"]["url"]
    status, _ = get(f"{url}/suggestions/v1/1", {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert status in {200, 404}

    up.send_signal(signal.SIGINT)
    assert up.wait(ENOUGH) == 0
    shop.up("lens")

    status, answer = get(f"{shop.services()['lens']['url']}/api/v3/traces/{trace}")
    assert status == 200
    assert "suggestions" in answer


def test_an_open_live_stream_does_not_hold_up_the_stop(shop: Launched) -> None:
    up = shop.up("lens")
    lens = shop.services()["lens"]
    with socket.create_connection(("127.0.0.1", lens["ports"][0])) as stream:
        stream.sendall(b"GET /lens/api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert stream.recv(100).startswith(b"HTTP/1.1 200")

        up.send_signal(signal.SIGINT)

        assert up.wait(ENOUGH) == 0
    assert "Traceback" not in shop.log()
    assert "Cancel" not in shop.log()
