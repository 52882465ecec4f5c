"""Parcels are handed over in batches, each a span with a link to what packed each of its orders."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits
from opentelemetry.trace import format_span_id, format_trace_id

from services.shipping.clients.carrier import URL, Carrier
from services.shipping.domain import WAITING, Shipment
from services.shipping.flows import Handover
from services.shipping.store import INDEXED, ShipmentStore
from shared.errors import UpstreamError
from shared.http import SimulatedRequest, SimulatedSystem
from shared.runtime import Runtime
from shared.settings import ShippingSettings
from shared.telemetry.links import MOST_LINKS
from tests.shop.buying import shipments
from tests.shop.mortal import World, open_world, until

AT = "2026-01-01T00:00:00.000Z"


@pytest.fixture
async def world(tmp_path: Path, empty_redis: Callable[[], str]) -> AsyncIterator[World]:
    environ = {"REDIS_URL": empty_redis(), "SHIPPING_FAILURE_RATE": "0"}
    async with open_world(tmp_path, environ) as world:
        await world.begin("shipping")
        yield world


def spans(world: World, name: str) -> list[ReadableSpan]:
    return [span for span in world.spans.get_finished_spans() if span.name == name]


def ids(context: Any) -> tuple[str, str]:
    return format_trace_id(context.trace_id), format_span_id(context.span_id)


async def test_a_batch_has_a_link_to_the_span_that_packed_each_order(world: World) -> None:
    orders = ["abcdefghijklmnop", "bcdefghijklmnopq", "cdefghijklmnopqr"]
    for id_ in orders:
        world.publish("order.placed", {"order_id": id_})
    await until(lambda: set(orders) <= shipments(world).keys())

    made = (await world.ask("POST", "shipping", "/batches")).json()["data"]

    assert [one["orders"] for one in made] == [3]
    (batch,) = spans(world, "shipping batch")
    assert batch.attributes is not None
    assert batch.attributes["acmeshop.batch.id"] == made[0]["id"]
    packed = {ids(span.context) for span in spans(world, "pack order")}
    assert {ids(link.context) for link in batch.links} == packed
    named = {dict(link.attributes or {})["acmeshop.order.id"] for link in batch.links}
    assert named == set(orders)
    assert [ids(batch.context)[0] == trace for trace, _ in packed] == [False] * 3
    assert {one["batch"] for one in shipments(world).values() if one["order_id"] in orders} == {
        made[0]["id"]
    }

    world.spans.clear()
    assert (await world.ask("POST", "shipping", "/batches")).json() == {"data": []}
    assert not spans(world, "shipping batch")


class Desk:
    """Shipments that wait, and a carrier that fails as often as it is to."""

    store: ShipmentStore
    carrier: Carrier
    failures = 0

    def __init__(self) -> None:
        self.handed: list[list[str]] = []

    async def hand_over(self, most: int = MOST_LINKS) -> list[int]:
        """How many orders each batch has that was made."""
        return list((await Handover(self.store, self.carrier, most).hand_over()).values())

    async def answer(self, request: SimulatedRequest) -> tuple[int, Any]:
        if self.failures:
            self.failures -= 1
            return 503, {}
        self.handed.append(request.body["tracking"])
        return 201, {"parcels": len(request.body["tracking"])}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Runtime.open(ShippingSettings(data=tmp_path)) as runtime:
        desk = Desk()
        desk.store = ShipmentStore(runtime.stores.documents("shipments", *INDEXED))
        simulated = SimulatedSystem(desk.answer, 0.0)
        desk.carrier = Carrier(runtime.peers.outside("carrier", URL, simulated, 5.0))
        yield desk


async def waiting(store: ShipmentStore, count: int) -> None:
    for number in range(count):
        await store.add(Shipment(f"order{number:03}", f"AC{number}", AT, batch=WAITING))


async def test_what_waits_is_split_where_a_span_may_have_no_more_links(desk: Desk) -> None:
    await waiting(desk.store, 5)
    assert await desk.hand_over(most=2) == [2, 2, 1]
    assert desk.handed == [["AC0", "AC1"], ["AC2", "AC3"], ["AC4"]]
    assert SpanLimits().max_links == MOST_LINKS
    assert await desk.hand_over() == []


async def test_what_the_carrier_did_not_take_goes_with_the_next_batch(desk: Desk) -> None:
    await waiting(desk.store, 2)
    desk.failures = 9
    with pytest.raises(UpstreamError):
        await desk.hand_over()
    assert len(await desk.store.waiting(9)) == 2
    desk.failures = 0
    assert await desk.hand_over() == [2]


async def test_a_shipment_of_an_earlier_version_was_handed_over_long_ago(desk: Desk) -> None:
    await desk.store.add(Shipment("old", "ACOLD", AT))
    assert await desk.hand_over() == []
