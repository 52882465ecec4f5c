"""Orders as a buyer sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.frontend.domain.goods import Line
from shared.money import Cents, cents

STEPS = ("processing", "shipped", "delivered")
WORDS = {
    "processing": "Being packed",
    "shipped": "On its way",
    "delivered": "Delivered",
    "cancelled": "Cancelled",
}
UNKNOWN = "Status unknown for the moment"
ENDS = {"delivered", "cancelled"}


@dataclass(frozen=True)
class Order:
    id: str
    status: str
    total: Cents
    placed_at: str = ""
    lines: tuple[Line, ...] = ()
    address: tuple[str, ...] = ()
    delivery: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Order":
        """An order out of the gateway's words; the oldest ones know no more than their price."""
        return cls(
            id=str(told["id"]),
            status=str(told["status"]),
            total=cents(told["totalPrice"]),
            placed_at=str(told.get("placedAt") or ""),
            lines=tuple(line_of(item) for item in told.get("items") or ()),
            address=address_of(told),
            delivery=str(told.get("delivery") or ""),
        )

    @property
    def says(self) -> str:
        """Its status in plain words; `error fetching ...` is what orders says of a carrier that
        failed.
        """
        if self.status.startswith("error"):
            return UNKNOWN
        return WORDS.get(self.status, self.status.capitalize())

    @property
    def step(self) -> int | None:
        """How far it is on its way: 0, 1 or 2; None when that cannot be told."""
        return STEPS.index(self.status) if self.status in STEPS else None

    @property
    def ended(self) -> bool:
        return self.status in ENDS

    @property
    def day(self) -> str:
        """`12 March 2026, 14:05` (UTC); empty when nobody noted when it was placed."""
        try:
            at = datetime.fromisoformat(self.placed_at)
        except ValueError:
            return ""
        return f"{at.day} {at:%B %Y, %H:%M}"


def line_of(told: Mapping[str, Any]) -> Line:
    return Line(
        id=str(told["id"]),
        name=str(told.get("description") or told["id"]),
        price=cents(told["price"]),
        quantity=int(told["quantity"]),
    )


def address_of(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The lines of an envelope."""
    where: Mapping[str, Any] = told.get("address") or {}
    lines = (
        f"{told.get('firstname', '')} {told.get('lastname', '')}",
        str(where.get("street", "")),
        " ".join(str(where.get(part, "")) for part in ("zip", "city", "state")),
        str(where.get("country", "")),
    )
    return tuple(line for line in (" ".join(line.split()) for line in lines) if line)
