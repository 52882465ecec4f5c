"""Shipping over HTTP and from events: each order once."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.shipping.clients.simulated import SimulatedCarrier
from shared.http import SimulatedRequest
from shared.runtime import Runtime
from shared.settings import ShippingSettings
from tests.faulty import open_runtime
from tests.shop.buying import shipments
from tests.shop.mortal import World, open_world, until

ID = "abcdefghijklmnop"


@pytest.fixture
async def world(tmp_path: Path, empty_redis: Callable[[], str]) -> AsyncIterator[World]:
    environ = {"REDIS_URL": empty_redis(), "SHIPPING_FAILURE_RATE": "0"}
    async with open_world(tmp_path, environ) as world:
        await world.begin("shipping")
        yield world


async def test_an_order_is_shipped_once_however_often_it_is_announced(world: World) -> None:
    for id_ in (ID, ID, "another", ID, "the last"):
        world.publish("order.placed", {"order_id": id_})

    await until(lambda: "the last" in shipments(world))

    assert shipments(world).keys() == {ID, "another", "the last"}
    parcels = world.kept("carrier", "parcels").values()
    assert sorted(parcel["key"] for parcel in parcels) == [ID, "another", "the last"]


async def test_what_names_no_order_keeps_no_other_from_being_shipped(world: World) -> None:
    world.publish("order.placed", {"order": "?"})
    world.publish("order.placed", {"order_id": ID})

    await until(lambda: ID in shipments(world))


async def test_shipments_are_listed_by_order_and_page_by_page(world: World) -> None:
    chosen = await world.ask("GET", "shipping", "/shipments", params={"orders": "12346,x,12345"})
    page = await world.ask("GET", "shipping", "/shipments", params={"after": "12353", "limit": 5})

    assert [one["order_id"] for one in chosen.json()["data"]] == ["12346", "12345"]
    assert page.json()["data"] == [
        {
            "order_id": "12354",
            "tracking": "AC12354US",
            "shipped_at": "2026-01-01T00:00:00.000Z",
            "status": "delivered",
            "service": "standard",
            "promised_by": "2026-01-04T00:00:00.000Z",
        }
    ]


async def test_too_many_orders_at_once_are_refused(world: World) -> None:
    response = await world.ask(
        "GET", "shipping", "/shipments", params={"orders": ",".join(map(str, range(101)))}
    )

    assert response.status_code == 400


async def test_a_parcel_is_on_its_way_for_half_a_minute(tmp_path: Path) -> None:
    now = [1000.0]
    async with Runtime.open(ShippingSettings(data=tmp_path)) as runtime:
        carrier = SimulatedCarrier(runtime.stores.books("carrier", "parcels"), lambda: now[0])
        booked = [
            await carrier.answer(SimulatedRequest("POST", "/v1/shipments", {}, ID))
            for _ in range(2)
        ]
        tracking = booked[0][1]["tracking"]

        states = []
        for now[0] in (1000.0, 1029.9, 1030.0):
            _, parcel = await carrier.answer(SimulatedRequest("GET", f"/v1/tracking/{tracking}"))
            states.append(parcel["state"])

    assert booked[0] == booked[1]
    assert states == ["shipped", "shipped", "delivered"]


async def test_a_carrier_tracks_many_parcels_as_it_tracks_each(tmp_path: Path) -> None:
    now = 0.0
    async with open_runtime(ShippingSettings(data=tmp_path)) as runtime:
        carrier = SimulatedCarrier(runtime.stores.books("carrier", "parcels"), lambda: now)
        for key in ("a", "b"):
            await carrier.answer(SimulatedRequest("POST", "/v1/shipments", key=key))
            now += 20.0
        both = SimulatedRequest("POST", "/v1/tracking", {"tracking": ["ACAUS", "ACBUS", "ACXUS"]})
        _, answer = await carrier.answer(both)
        assert {parcel["state"] for parcel in answer["parcels"]} == {"shipped", "delivered"}
        for parcel in answer["parcels"]:
            path = f"/v1/tracking/{parcel['tracking']}"
            assert await carrier.answer(SimulatedRequest("GET", path)) == (200, parcel)
