"""What others are told of an order."""

from typing import Any

from services.orders.domain.basket import Line
from services.orders.domain.order import CANCELLED, CANCELLING, PLACED, RESERVED, Order
from shared.money import dollars

PROCESSING = "processing"
STATUS_UNKNOWN = "error fetching shipping status"


def status_without_shipping(order: Order) -> str | None:
    """The status of an order that shipping knows nothing of; None for all others."""
    if order.state in {CANCELLING, CANCELLED}:
        return CANCELLED
    return PROCESSING if order.state == RESERVED else None


def is_waiting(order: Order) -> bool:
    """Whether it is to be shipped, and may be by now."""
    return order.state == PLACED


def answer(order: Order, status: str) -> dict[str, Any]:
    """What a buyer is told; the guest's orders, which nobody ever placed, have no details."""
    told: dict[str, Any] = {
        "id": order.id,
        "status": status,
        "totalPrice": dollars(order.total),
        "userid": order.user_id,
    }
    if not order.lines:
        return told
    return told | {
        "placedAt": order.placed_at,
        "items": [item(line) for line in order.lines],
        "firstname": order.buyer.firstname,
        "lastname": order.buyer.lastname,
        "address": dict(order.buyer.address),
        "delivery": order.buyer.delivery,
    }


def item(line: Line) -> dict[str, Any]:
    return line.document() | {"price": dollars(line.price or 0)}


def receipt(order: Order) -> dict[str, Any]:
    """The acknowledgement of an order, however often it is asked for."""
    return {
        "userid": order.user_id,
        "order_id": order.id,
        "payment": {
            "success": True,
            "status": "200",
            "message": "transaction successful",
            "amount": dollars(order.total),
            "transactionID": order.transaction_id,
        },
    }


def event(order: Order) -> dict[str, Any]:
    """What the stream order.placed carries."""
    return {
        "order_id": order.id,
        "user_id": order.user_id,
        "total_cents": order.total,
        "placed_at": order.placed_at,
    }
