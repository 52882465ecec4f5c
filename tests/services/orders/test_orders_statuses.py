"""The statuses of many orders are those that each order's page has."""

from dataclasses import dataclass, field
from typing import cast

import pytest

from services.orders.clients.services import Shipping
from services.orders.domain import CANCELLING, PLACED, RESERVED, SHIPPED, STATUS_UNKNOWN, Order
from services.orders.flows.statuses import Statuses
from shared.errors import NotFound, UpstreamError

ORDERS = [
    Order("reserved", "eric", RESERVED, 100),
    Order("waiting", "eric", PLACED, 100),
    Order("on-its-way", "eric", SHIPPED, 100),
    Order("arrived", "eric", SHIPPED, 100),
    Order("unasked", "eric", SHIPPED, 100),
    Order("cancelling", "eric", CANCELLING, 100),
]


@dataclass
class FakeShipping:
    """None is what the carrier could not be asked about."""

    kept: dict[str, str | None] = field(default_factory=dict)
    away: bool = False

    async def status(self, order_id: str) -> str:
        if self.away:
            raise UpstreamError("shipping could not be reached")
        if order_id not in self.kept:
            raise NotFound(f"no shipment for order {order_id}")
        if (status := self.kept[order_id]) is None:
            raise UpstreamError("carrier answered 503")
        return status

    async def statuses(self, order_ids: list[str]) -> dict[str, str | None]:
        if self.away:
            raise UpstreamError("shipping could not be reached")
        return {id_: self.kept[id_] for id_ in order_ids if id_ in self.kept}


@pytest.mark.parametrize("away", [False, True])
async def test_a_list_of_orders_says_what_each_of_them_says(away: bool) -> None:
    kept = {"on-its-way": "shipped", "arrived": "delivered", "unasked": None}
    statuses = Statuses(cast("Shipping", FakeShipping(kept, away)))

    listed = await statuses.of_all(ORDERS)

    assert listed == [await statuses.of(order) for order in ORDERS]
    others = (
        [STATUS_UNKNOWN] * 4 if away else ["processing", "shipped", "delivered", STATUS_UNKNOWN]
    )
    assert listed == ["processing", *others, "cancelled"]
