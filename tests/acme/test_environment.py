"""Which ports the services get, and how the others know."""

from pathlib import Path

import pytest

from acme.launcher import environment, plan
from acme.launcher.plan import CannotStart
from acme.launcher.sockets import Place, listen, port_of
from shared.settings import (
    AuthSettings,
    CartSettings,
    ChaosSettings,
    LensSettings,
    OrdersSettings,
    settings_for,
)
from shared.topology import SERVICES

NAMES = [service.name for service in SERVICES]


def test_a_block_of_ports_follows_the_table_with_further_ports_behind() -> None:
    ports = environment.block(20_000)

    assert [ports[name][0] for name in NAMES] == list(range(20_000, 20_000 + len(NAMES)))
    further = [port for name in NAMES for port in ports[name][1:]]
    first = 20_000 + len(NAMES)
    last = first + sum(len(service.also) for service in SERVICES)
    assert further == list(range(first, last))
    assert ports["redis"] == [last]


@pytest.mark.parametrize("name", NAMES)
def test_every_service_knows_where_every_other_is(name: str) -> None:
    every = {"ACME_INTERNAL": "grpc"}  # then payment opens its further port
    environ = environment.with_ports(every, environment.block(20_000))

    settings = settings_for(name, environ)

    assert environment.ports_of(settings) == environment.block(20_000)[name]
    for index, other in enumerate(NAMES):
        assert settings.urls[other] == f"http://127.0.0.1:{20_000 + index}"


def test_orders_finds_the_port_for_grpc_that_payment_was_moved_to() -> None:
    environ = environment.with_ports({"ACME_INTERNAL": "grpc"}, {"payment": [20_001, 20_002]})

    assert OrdersSettings.read(environ).payment_grpc_url == "http://127.0.0.1:20002"


def test_a_port_for_grpc_that_is_elsewhere_stays_there() -> None:
    named = {"ACME_INTERNAL": "grpc", "PAYMENT_GRPC_URL": "http://127.0.0.1:7000"}

    environ = environment.with_ports(named, {"payment": [20_001, 20_002]})

    assert OrdersSettings.read(environ).payment_grpc_url == "http://127.0.0.1:7000"


def test_without_grpc_inside_its_port_is_not_opened() -> None:
    environ = environment.with_ports({}, environment.block(20_000))

    assert len(environment.ports_of(settings_for("payment", environ))) == 1


def test_spans_go_to_the_port_that_lens_was_moved_to() -> None:
    environ = environment.with_ports({}, {"lens": [20_001, 20_002, 20_003, 20_004]})

    assert OrdersSettings.read(environ).telemetry.traces.endpoint == (
        "http://127.0.0.1:20002/v1/traces"
    )


def test_services_that_do_not_move_keep_the_ports_they_were_given() -> None:
    environ = environment.with_ports({"AUTH_PORT": "6001"}, {"orders": [6002]})

    settings = AuthSettings.read(environ)
    assert settings.port == 6001
    assert settings.urls["auth"] == "http://127.0.0.1:6001"
    assert settings.urls["orders"] == "http://127.0.0.1:6002"


def test_an_address_that_leads_elsewhere_stays() -> None:
    given = {"ORDERS_URL": "http://127.0.0.1:8474", "AUTH_URL": "https://auth.example:5001"}

    environ = environment.with_ports(given, environment.block(20_000))

    assert environ["ORDERS_URL"] == given["ORDERS_URL"]
    assert environ["AUTH_URL"] == given["AUTH_URL"]


def test_an_address_that_names_the_old_port_follows_the_service() -> None:
    given = {"ORDERS_URL": "http://localhost:5002"}

    environ = environment.with_ports(given, environment.block(20_000))

    assert environ["ORDERS_URL"] == f"http://127.0.0.1:{20_000 + NAMES.index('orders')}"


def test_a_redis_is_needed_when_a_service_wants_one_and_nobody_named_it() -> None:
    assert environment.needs_redis(["gateway", "auth"], {})
    assert environment.needs_redis(["shipping"], {"REDIS_URL": " "}), "no more than a space"
    assert not environment.needs_redis(["gateway", "catalog", "lens"], {})
    assert not environment.needs_redis(NAMES, {"REDIS_URL": "redis://127.0.0.1:16379"})


def test_redis_listens_on_this_machine_alone_wherever_the_services_do() -> None:
    place = environment.place_of_redis({"ACME_HOST": "0.0.0.0", "REDIS_PORT": "7000"})  # noqa: S104

    assert place == Place("127.0.0.1", (7000,))


def test_the_services_know_where_their_redis_is() -> None:
    settings = CartSettings.read(environment.with_redis({}, 20_013))

    assert settings.redis_url == "redis://127.0.0.1:20013"


def test_who_listens_everywhere_is_found_on_loopback() -> None:
    assert environment.address("0.0.0.0", 80) == "http://127.0.0.1:80"  # noqa: S104
    assert environment.address("::", 80) == "http://[::1]:80"
    assert environment.address("::1", 80) == "http://[::1]:80"


def test_an_optional_port_that_is_busy_gives_way_and_others_do_not() -> None:
    with listen("127.0.0.1", 0) as held:
        busy = port_of(held)
        optional = {"lens": Place("127.0.0.1", (busy,), frozenset({busy}))}
        places, listeners, moved = plan.opened("127.0.0.1", optional, auto_ports=False)
        plan.close(listeners)
        assert [(one.service, one.port) for one in moved] == [("lens", busy)]
        assert places["lens"].ports == (moved[0].to,)
        with pytest.raises(CannotStart, match=f"Port {busy} of orders is busy"):
            plan.opened("127.0.0.1", optional | {"orders": Place("127.0.0.1", (busy,))}, False)


def test_remote_samplers_find_the_strategies_where_lens_serves_them() -> None:
    environ = environment.with_ports({}, environment.block(20_000))

    strategies = OrdersSettings.read(environ).telemetry.strategies
    assert strategies == f"http://127.0.0.1:{LensSettings.read(environ).sampling_port}"
    assert LensSettings.read(environ).optional <= {*LensSettings.read(environ).also}


def test_a_block_beyond_the_last_port_is_refused_with_the_highest_possible() -> None:
    size = len(NAMES) + sum(len(service.also) for service in SERVICES) + 1

    with pytest.raises(CannotStart, match=f"at most {65_536 - size} is allowed"):
        plan.block(65_535)
    assert max(map(max, plan.block(65_536 - size).values())) == 65_535


def test_folders_do_not_depend_on_where_one_stands_but_can_be_chosen(tmp_path: Path) -> None:
    for unnamed in ({}, {"ACME_DATA": ""}):
        assert environment.with_folders(unnamed, tmp_path)["ACME_DATA"] == str(tmp_path / "data")
    assert Path(environment.with_folders({}, tmp_path)["ACME_MOCKS"]).is_dir()
    assert environment.with_folders({"ACME_DATA": "here"}, tmp_path)["ACME_DATA"] == "here"


def test_each_start_has_an_id_of_its_own_also_inside_of_another_shop() -> None:
    one = environment.with_start_id({})
    other = environment.with_start_id(one)

    ids = [ChaosSettings.read(environ).start_id for environ in ({}, one, other)]
    assert len(set(ids)) == 3
    assert ids[0] == ""


def test_a_shop_that_others_can_reach_has_a_token_for_its_control_plane() -> None:
    open_to_all = {"ACME_HOST": "0.0.0.0"}  # noqa: S104
    one, other = (environment.with_token(open_to_all)["CHAOS_TOKEN"] for _ in range(2))

    assert one != other
    assert ChaosSettings.read({"CHAOS_TOKEN": one}).chaos_token == one
    assert environment.with_token({**open_to_all, "CHAOS_TOKEN": "mine"})["CHAOS_TOKEN"] == "mine"
    assert "CHAOS_TOKEN" not in environment.with_token({})
