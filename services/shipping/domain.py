"""The rules of a shipment."""

from dataclasses import asdict, dataclass, fields
from typing import Any

SHIPPED, DELIVERED = "shipped", "delivered"
WAITING = "waiting"  # in place of a batch
EXPRESS, STANDARD = "express", "standard"
DAY = 86_400.0
DAYS = {EXPRESS: 1, STANDARD: 3}  # until a parcel has arrived, at the latest


@dataclass(frozen=True)
class Shipment:
    """What the carrier took for an order; `shipped_at` and `promised_by` are RFC 3339, `status`
    what the carrier last said of it. `batch` is the one in which its parcel was handed over, or
    WAITING, `traceparent` the span that packed it, to be linked to. Earlier versions had neither a
    service, a promise nor a batch.
    """

    order_id: str
    tracking: str
    shipped_at: str
    status: str = SHIPPED
    service: str = STANDARD
    promised_by: str = ""
    batch: str = ""
    traceparent: str = ""

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Shipment":
        known = {own.name: document[own.name] for own in fields(cls) if own.name in document}
        return cls(**known)

    @property
    def has_arrived(self) -> bool:
        """Whether its status will not change any more."""
        return self.status == DELIVERED

    def document(self) -> dict[str, Any]:
        return asdict(self)


def service_for(tier: str) -> str:
    """How an order of a customer of this tier goes; nobody goes without for want of a tier."""
    return EXPRESS if tier == "gold" else STANDARD


def promised(service: str, shipped_at: float) -> float:
    """When a parcel that was shipped then has arrived at the latest, in seconds since the epoch."""
    return shipped_at + DAYS[service] * DAY


SEEDED = tuple(
    Shipment(
        str(number),
        f"AC{number}US",
        "2026-01-01T00:00:00.000Z",
        DELIVERED,
        promised_by="2026-01-04T00:00:00.000Z",
    )
    for number in range(12345, 12355)
)
