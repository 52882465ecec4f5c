"""What the carrier said last is known when it says nothing."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chaos.engine.engine import FaultEngine
from chaos.engine.model import Fault, Snapshot
from services.shipping.clients.carrier import URL, Carrier
from services.shipping.domain import Shipment
from services.shipping.flows import Tracking, last_known, no_fallback
from services.shipping.store import ShipmentStore
from shared.errors import UpstreamError
from shared.http import SimulatedRequest, SimulatedSystem
from shared.settings import ShippingSettings
from tests.faulty import faults_in, open_runtime

ID, SECOND, ARRIVED = "abcdefghijklmnop", "bcdefghijklmnopq", "cdefghijklmnopqr"
AT = "2026-01-01T00:00:00.000Z"
FALLBACK = Fault.model_validate(
    {"id": "remedy", "where": {"side": "point"}, "effect": {"type": "behavior", "name": "fallback"}}
)


@dataclass
class Desk:
    """Shipping's part of it, with a carrier that answers as the test wants; None has it fail."""

    store: ShipmentStore
    faults: FaultEngine
    tracking: Tracking = field(init=False)
    says: str | None = "shipped"

    calls: int = 0

    async def answer(self, request: SimulatedRequest) -> tuple[int, Any]:
        self.calls += 1
        if self.says is None:
            return 503, {}
        if request.method == "GET":
            return 200, {"state": self.says}
        parcels = [{"tracking": number, "state": self.says} for number in request.body["tracking"]]
        return 200, {"parcels": parcels}

    async def statuses(self) -> dict[str, str]:
        return await self.tracking.statuses(await self.store.of_many([ID, SECOND, ARRIVED]))

    async def status(self) -> str:
        shipment = await self.store.of(ID)
        assert shipment is not None
        return await self.tracking.status(shipment)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_runtime(ShippingSettings(data=tmp_path)) as runtime:
        desk = Desk(ShipmentStore(runtime.stores.documents("shipments")), faults_in(runtime))
        carrier = Carrier(runtime.peers.outside("carrier", URL, SimulatedSystem(desk.answer)))
        fallback = runtime.hooks.choose(no_fallback, fallback=last_known)
        desk.tracking = Tracking(desk.store, carrier, fallback)
        desk.faults.replace(Snapshot(calm="all", faults=(FALLBACK,)))
        await desk.store.add(Shipment(ID, "AC1US", AT))
        await desk.store.add(Shipment(SECOND, "AC2US", AT))
        await desk.store.add(Shipment(ARRIVED, "AC3US", AT, "delivered"))
        yield desk


async def test_a_parcel_that_was_handed_over_is_shipped_at_least(desk: Desk) -> None:
    desk.says = None

    assert await desk.status() == "shipped"


async def test_what_the_carrier_said_is_kept(desk: Desk) -> None:
    desk.says = "delivered"
    assert await desk.status() == "delivered"

    desk.says = None

    assert await desk.status() == "delivered"


async def test_without_the_remedy_the_failure_is_passed_on(desk: Desk) -> None:
    desk.says = None
    desk.faults.replace(Snapshot(calm="all"))

    with pytest.raises(UpstreamError, match="carrier answered 503"):
        await desk.status()


async def test_of_a_shipment_that_was_kept_before_as_much_is_known() -> None:
    document = {"order_id": ID, "tracking": "AC1US", "shipped_at": "2026-01-01T00:00:00.000Z"}

    assert Shipment.of(document).status == "shipped"


async def test_many_are_tracked_with_one_call_and_then_with_none(desk: Desk) -> None:
    desk.says = "delivered"

    first, second = await desk.statuses(), await desk.statuses()

    assert first == second == dict.fromkeys((ID, SECOND, ARRIVED), "delivered")
    assert desk.calls == 1
    assert await desk.status() == "delivered"


@pytest.mark.parametrize(
    ("remedy", "moving"), [(True, {ID: "shipped", SECOND: "shipped"}), (False, {})]
)
async def test_while_the_carrier_fails_what_has_arrived_is_known(
    desk: Desk, remedy: bool, moving: dict[str, str]
) -> None:
    desk.says = None
    desk.faults.replace(Snapshot(calm="all", faults=(FALLBACK,) if remedy else ()))

    assert await desk.statuses() == {ARRIVED: "delivered", **moving}
