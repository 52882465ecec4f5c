"""The rules of a shipment."""

from dataclasses import asdict, dataclass
from typing import Any

LONGEST_ID = 64
SHIPPED, DELIVERED = "shipped", "delivered"


@dataclass(frozen=True)
class Shipment:
    """What the carrier took for an order; `shipped_at` is RFC 3339, `status` what the carrier last
    said of it.
    """

    order_id: str
    tracking: str
    shipped_at: str
    status: str = SHIPPED

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Shipment":
        status = document.get("status", SHIPPED)  # which earlier versions did not keep
        return cls(document["order_id"], document["tracking"], document["shipped_at"], status)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def order_of(event: Any) -> str:
    """The id of the order that an event order.placed is about; raises ValueError when there is
    none.
    """
    id_ = event.get("order_id") if isinstance(event, dict) else None
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_ID:
        raise ValueError("an event order.placed that names no order")
    return id_


SEEDED = tuple(
    Shipment(str(number), f"AC{number}US", "2026-01-01T00:00:00.000Z", DELIVERED)
    for number in range(12345, 12355)
)
