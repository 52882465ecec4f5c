"""The names under which a service answers."""

import pytest

from shared.hosts import KnownHosts, name_of


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("shop.example.:80", "shop.example"),
        ("127.0.0.1:5000", "127.0.0.1"),
        ("[::1]:5000", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[::ffff:10.0.0.7]", "10.0.0.7"),
        ("a_b-c:", "a_b-c"),
    ],
)
def test_a_name_has_one_form(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":80",
        "[::1",
        "::1",
        "user@localhost",
        "a b",
        "localhost/x",
        "a:80:80",
        "a:x",
        "a,b",
        "a#",
    ],
)
def test_what_is_no_host_has_no_name(host: str) -> None:
    assert name_of(host) == ""


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "shop.example"])
def test_known_are_loopback_and_the_given_names(name: str) -> None:
    assert KnownHosts(["Shop.Example."]).know(name, "127.0.0.1")


@pytest.mark.parametrize(
    "name",
    [
        "evil.example",
        "0.0.0.0",  # noqa: S104
        "[::]:8080",
        "169.254.169.254",
        "192.168.0.7",
        "shop.example.evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "2130706433",
        "0x7f.1",
    ],
)
def test_others_are_not_even_where_they_lead_to_this_machine(name: str) -> None:
    known = KnownHosts(["shop.example", "0.0.0.0", "::"])  # noqa: S104

    assert not known.know(name, "127.0.0.1")
    assert not known.know(name, "0.0.0.0")  # noqa: S104


@pytest.mark.parametrize(
    ("name", "arrived_at"),
    [("10.1.2.3", "10.1.2.3"), ("10.1.2.3", "::ffff:10.1.2.3"), ("[fd00::7]:80", "FD00:0::7")],
)
def test_the_address_at_which_a_connection_arrived_is_known(name: str, arrived_at: str) -> None:
    assert KnownHosts([]).know(name, arrived_at)
    assert not KnownHosts([]).know(name, "10.9.9.9")


def test_a_star_is_for_all_names_below_and_alone_for_any() -> None:
    below, anything = KnownHosts(["*.svc.cluster.local"]), KnownHosts(["*"])

    assert below.know("gateway.acmeshop.svc.cluster.local", "10.0.0.1")
    assert not below.know("svc.cluster.local", "10.0.0.1")
    assert not below.know("evilsvc.cluster.local", "10.0.0.1")
    assert anything.know("evil.example", "10.0.0.1")
