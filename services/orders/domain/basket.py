"""What is to be ordered, and what it costs. Money is in whole cents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.errors import BadRequest, Conflict
from shared.money import MOST as MOST_MONEY
from shared.money import Cents, dollars

MOST_LINES, MOST_OF_ONE = 100, 99


@dataclass(frozen=True)
class Line:
    """So many of one thing; its price is None while nobody has named one."""

    id: str
    description: str
    quantity: int
    price: Cents | None = None

    def document(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "description": self.description,
            "quantity": self.quantity,
            "price": self.price,
        }


def joined(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The same with one line for each thing; raises BadRequest when it is nothing or too much."""
    by_id: dict[str, Line] = {}
    for line in lines:
        before = by_id.get(line.id)
        quantity = line.quantity + (before.quantity if before else 0)
        if not 1 <= quantity <= MOST_OF_ONE:
            raise BadRequest(f"{quantity} of {line.id}: 1 to {MOST_OF_ONE} can be ordered at once")
        by_id[line.id] = replace(before or line, quantity=quantity)
    if not by_id:
        raise BadRequest("an empty cart cannot be ordered")
    if len(by_id) > MOST_LINES:
        raise BadRequest(f"{len(by_id)} different things: at most {MOST_LINES} fit into one order")
    return tuple(by_id.values())


def priced(lines: Iterable[Line], prices: Mapping[str, Cents]) -> tuple[Line, ...]:
    """The lines at the catalog's prices; what it does not know keeps the price that came with
    it.
    """
    return tuple(replace(line, price=prices.get(line.id, line.price)) for line in lines)


def total_of(lines: Iterable[Line], agreed: Cents | None) -> Cents:
    """What the lines cost. Raises Conflict when that is more than the buyer agreed to pay."""
    total = sum(price_of(line) * line.quantity for line in lines)
    if not 0 < total <= MOST_MONEY:
        raise BadRequest(f"an order of {dollars(total)} dollars cannot be charged")
    if agreed is not None and total > agreed:
        raise Conflict(
            f"this costs {dollars(total)} dollars now, which is more than the {dollars(agreed)}"
            " that were agreed to: look at the cart again"
        )
    return total


def price_of(line: Line) -> Cents:
    if line.price is None:
        raise BadRequest(f"no product {line.id}, and no price came with it")
    return line.price
