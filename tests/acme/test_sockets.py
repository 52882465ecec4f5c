"""Ports are opened before anything starts, and busy ones are reported."""

import socket
import sys

import pytest

from acme.launcher.child import Backoff
from acme.launcher.sockets import (
    Busy,
    Place,
    around_busy,
    busy_sentence,
    holder,
    listen,
    next_free,
    open_listeners,
    port_of,
)

HOST = "127.0.0.1"


def test_all_busy_ports_are_reported_and_the_others_opened() -> None:
    with listen(HOST, 0) as one, listen(HOST, 0) as two, listen(HOST, 0) as free:
        taken, open_port = [port_of(one), port_of(two)], port_of(free)
        free.close()

        listeners, found = open_listeners(
            {"auth": Place(HOST, (taken[0], open_port)), "orders": Place(HOST, (taken[1],))}
        )

        assert [(each.service, each.port) for each in found] == [
            ("auth", taken[0]),
            ("orders", taken[1]),
        ]
        assert listeners["auth"].ports == [open_port]
        for opened in listeners.values():
            opened.close()


def test_a_busy_port_gives_way_to_one_that_nobody_wants() -> None:
    with listen(HOST, 0) as held:
        port = port_of(held)
        wanted = {"auth": Place(HOST, (port,)), "orders": Place(HOST, (port + 1,))}

        places, moved = around_busy(wanted, [Busy("auth", port, OSError("in use"))])

        (to,) = places["auth"].ports
        assert places["orders"] == wanted["orders"]
        assert to > port + 1
        assert [(move.service, move.port, move.to) for move in moved] == [("auth", port, to)]


def test_the_next_free_port_is_really_free() -> None:
    with listen(HOST, 0) as held:
        port = next_free(HOST, port_of(held) - 1, taken=())

        assert port != port_of(held)
        listen(HOST, port).close()


def test_no_port_left_is_an_error_that_says_so() -> None:
    with pytest.raises(OSError, match="no port after 65535 is free"):
        next_free(HOST, 65535, taken=())


def test_the_holder_of_a_port_is_named() -> None:
    with listen(HOST, 0) as held:
        assert holder(port_of(held)) == "another service of the shop"


def test_a_holder_that_may_not_be_looked_at_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil  # noqa: PLC0415

    def denied(kind: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    with listen(HOST, 0) as held:
        assert holder(port_of(held)) == "a program that cannot be named from here"


def test_on_a_mac_airplay_is_suspected(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = OSError(48, "Address already in use")
    found = [Busy("gateway", 5000, reason)]

    monkeypatch.setattr(sys, "platform", "darwin")
    assert "System Settings > General > AirDrop & Handoff" in busy_sentence(found)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "AirPlay" not in busy_sentence(found)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
def test_listening_everywhere_takes_both_families() -> None:
    with listen("::", 0) as held:
        for host in ("::1", HOST):
            socket.create_connection((host, port_of(held)), timeout=1).close()


def test_the_wait_doubles_with_each_crash_and_is_bounded() -> None:
    backoff = Backoff()

    assert [backoff.wait(lived=1) for _ in range(9)] == [0, 0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_service_that_lived_for_long_is_forgiven() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.wait(lived=1)

    assert backoff.wait(lived=3600) == 0
    assert backoff.wait(lived=1) == 0.5
