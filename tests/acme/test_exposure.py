"""What is open to whom."""

from collections.abc import Mapping

import pytest

from acme.launcher import environment
from acme.launcher.exposure import exposure
from shared.settings import settings_for
from shared.topology import BY_NAME, SERVICES

PAGES = {"frontend", "gateway", "lens", "chaos"}


def open_ones(environ: Mapping[str, str]) -> set[str]:
    places = {name: environment.place_of(settings_for(name, environ)) for name in BY_NAME}
    return {name for name, place in places.items() if place.host != "127.0.0.1"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "shop.example"])  # noqa: S104
def test_only_what_people_use_follows_the_host(host: str) -> None:
    assert open_ones({"ACME_HOST": host}) == PAGES
    assert open_ones({"ACME_HOST": host, "ACME_EXPOSE": "all"}) == set(BY_NAME)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_an_address_of_this_machine_alone_is_for_all(host: str) -> None:
    places = {
        environment.place_of(settings_for(name, {"ACME_HOST": host})).host for name in BY_NAME
    }
    assert places == {host}


def test_services_find_each_other_where_they_listen() -> None:
    environ = environment.with_ports({"ACME_HOST": "10.1.2.3"}, environment.block(24_000))
    urls = settings_for("gateway", environ).urls

    assert {name for name, url in urls.items() if url.startswith("http://10.1.2.3:")} == PAGES
    assert urls["auth"].startswith("http://127.0.0.1:")


ALONE = "open to this machine alone (127.0.0.1)"
PASSWORD = "; the demo users' password is a published one, DEMO_PASSWORD sets another"
OPEN = (
    "open to other machines (::): frontend, gateway, lens and chaos; to this machine alone: "
    "auth, orders, shipping, cart, payment, catalog, users, articles and suggestions"
)


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, ALONE + PASSWORD),
        ({"DEMO_PASSWORD": "vmware1!"}, ALONE + PASSWORD),
        ({"DEMO_PASSWORD": "other"}, ALONE),
        ({"ACME_HOST": "::"}, OPEN + PASSWORD),
        ({"ACME_HOST": "::", "DEMO_PASSWORD": "other"}, OPEN),
    ],
)
def test_one_line_says_what_is_open_to_whom(environ: dict[str, str], line: str) -> None:
    assert exposure([settings_for(row.name, environ) for row in SERVICES]) == line


def test_what_trusts_every_caller_is_named_where_it_is_opened() -> None:
    environ = {"ACME_HOST": "10.1.2.3", "ACME_EXPOSE": "all"}

    assert exposure([settings_for("orders", environ)]) == (
        "open to other machines (10.1.2.3): orders; but for gateway and chaos they trust every "
        "caller (ACME_EXPOSE=all)"
    )
    assert exposure([settings_for("lens", environ)]) == "open to other machines (10.1.2.3): lens"
