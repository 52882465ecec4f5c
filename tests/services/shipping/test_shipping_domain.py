"""The rules of a shipment."""

from typing import Any

import pytest

from services.shipping.domain import Shipment, order_of
from shared.moments import rfc3339


def test_an_event_names_its_order() -> None:
    assert order_of({"order_id": "abc", "total_cents": 1}) == "abc"


@pytest.mark.parametrize("event", [None, [], "abc", {}, {"order_id": 5}, {"order_id": "x" * 65}])
def test_an_event_that_names_none_cannot_be_used(event: Any) -> None:
    with pytest.raises(ValueError, match="names no order"):
        order_of(event)


def test_a_shipment_is_kept_whole() -> None:
    shipment = Shipment("abc", "ACABCUS", rfc3339(0))

    assert Shipment.of(shipment.document()) == shipment
    assert shipment.shipped_at == "1970-01-01T00:00:00.000Z"
