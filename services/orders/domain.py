"""The rules of an order. Money is in whole dollars, as the shop's prices are."""

from dataclasses import dataclass
from typing import Any

STATUS_UNKNOWN = "error fetching shipping status"
GUEST = "guest"


@dataclass(frozen=True)
class Order:
    id: str
    user_id: str
    total_price: int

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Order":
        return cls(document["id"], document["user_id"], document["total_price"])

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "user_id": self.user_id, "total_price": self.total_price}


SEEDED = tuple(
    Order(str(number), GUEST, 100 + 10 * (number - 12345)) for number in range(12345, 12355)
)


def answer(order: Order, status: str) -> dict[str, Any]:
    """What a buyer is told of an order."""
    return {
        "id": order.id,
        "status": status,
        "totalPrice": order.total_price,
        "userid": order.user_id,
    }
