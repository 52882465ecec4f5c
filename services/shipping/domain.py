"""The rules of a shipment."""

from dataclasses import asdict, dataclass
from typing import Any

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

    @property
    def has_arrived(self) -> bool:
        """Whether its status will not change any more."""
        return self.status == DELIVERED

    def document(self) -> dict[str, Any]:
        return asdict(self)


SEEDED = tuple(
    Shipment(str(number), f"AC{number}US", "2026-01-01T00:00:00.000Z", DELIVERED)
    for number in range(12345, 12355)
)
