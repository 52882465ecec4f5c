"""The rules of a shipment, and the carrier that is only pretended."""

from dataclasses import dataclass
from typing import Any

CARRIER_URL = "http://carrier.example"
CARRIER_SECONDS = 0.008
TRACK = "/v1/tracking/"


@dataclass(frozen=True)
class Shipment:
    order_id: str
    tracking: str

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Shipment":
        return cls(document["order_id"], document["tracking"])

    def document(self) -> dict[str, Any]:
        return {"order_id": self.order_id, "tracking": self.tracking}


SEEDED = tuple(Shipment(str(number), f"AC{number}US") for number in range(12345, 12355))


def carrier(method: str, path: str) -> tuple[int, Any]:
    """What the carrier answers to a request: status and JSON body. Whatever it carries has
    arrived.
    """
    if method != "GET" or not path.startswith(TRACK):
        return 404, {"detail": f"no {method} {path}"}
    return 200, {"tracking": path.removeprefix(TRACK), "state": "delivered"}
