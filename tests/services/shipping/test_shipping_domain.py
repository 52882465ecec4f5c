"""The rules of a shipment."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.shipping.domain import DAY, SEEDED, Shipment, promised, service_for
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


def test_what_earlier_versions_kept_is_a_shipment() -> None:
    kept = {"order_id": "abc", "tracking": "ACABCUS", "shipped_at": rfc3339(0)}

    shipment = Shipment.of(kept)
    assert (shipment.status, shipment.service, shipment.promised_by) == ("shipped", "standard", "")


@pytest.mark.parametrize(
    ("tier", "service", "days"),
    [("gold", "express", 1), ("standard", "standard", 3), ("guest", "standard", 3)]
    + [(unknown, "standard", 3) for unknown in ("", "None", "GOLD", "platinum")],
)
def test_gold_goes_by_express_and_everybody_else_by_standard_service(
    tier: str, service: str, days: int
) -> None:
    assert service_for(tier) == service
    assert promised(service, 1000.0) == 1000.0 + days * DAY


def test_the_seeded_shipments_keep_the_promise_of_their_service() -> None:
    for shipment in SEEDED:
        shipped = datetime.fromisoformat(shipment.shipped_at).timestamp()
        assert shipment.promised_by == rfc3339(promised(shipment.service, shipped))
