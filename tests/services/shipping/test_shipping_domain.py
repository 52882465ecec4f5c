"""The rules of a shipment."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.shipping.domain import Shipment
from shared.contracts.orders import OrderPlaced
from shared.moments import rfc3339


def test_an_event_names_its_order() -> None:
    event = OrderPlaced.model_validate({"order_id": "abc", "total_cents": 1, "of_tomorrow": []})

    assert event.order_id == "abc"


@pytest.mark.parametrize(
    "event", [None, [], "abc", {}, {"order_id": 5}, {"order_id": ""}, {"order_id": "x" * 65}]
)
def test_an_event_that_names_none_cannot_be_used(event: Any) -> None:
    with pytest.raises(ValidationError):
        OrderPlaced.model_validate(event)


def test_a_shipment_is_kept_whole() -> None:
    shipment = Shipment("abc", "ACABCUS", rfc3339(0))

    assert Shipment.of(shipment.document()) == shipment
    assert shipment.shipped_at == "1970-01-01T00:00:00.000Z"
