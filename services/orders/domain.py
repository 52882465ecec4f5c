"""The rules of an order: what may be ordered, what it costs, and what may become of it.

    reserved ──> placed ──> shipped
       └──> cancelling ──> cancelled

`reserved` is written down before any money moves. `placed` is the promise to the buyer: it stands
only on a charge that is confirmed, and from then on nobody gives the money back. `cancelling` says
that there will be no order, `cancelled` that its money is back as well. Every change names the
state it starts from, so that of two who would decide differently one does and the other sees it.

Money is in whole cents.
"""

import json
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any

from shared.errors import BadRequest, Conflict, PaymentRequired, ShopError
from shared.money import MOST as MOST_MONEY
from shared.money import Cents, dollars

MOST_LINES, MOST_OF_ONE = 100, 99
RESERVED, PLACED, SHIPPED = "reserved", "placed", "shipped"
CANCELLING, CANCELLED = "cancelling", "cancelled"
STANDS = frozenset({PLACED, SHIPPED})
GUEST = "guest"
# What a buyer reads besides "shipped" and "delivered".
PROCESSING = "processing"
STATUS_UNKNOWN = "error fetching shipping status"


@dataclass(frozen=True)
class Line:
    """So many of one thing; its price is None while nobody has named one."""

    id: str
    description: str
    quantity: int
    price: Cents | None = None


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


@dataclass(frozen=True)
class Buyer:
    """Who ordered, and where it goes to."""

    firstname: str = ""
    lastname: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    email: str = ""
    delivery: str = ""


@dataclass(frozen=True)
class Order:
    """`placed_at` is when the buyer submitted it first, as RFC 3339, and `fingerprint` that of
    what was submitted. `touched_at` is when somebody last worked on it, in seconds since the epoch,
    `announced` how often it was announced again. Once it is cancelled, `reason` says why, and
    `refused` that it was the card. `traceparent` names the checkout's span, as W3C writes it, and
    `tier` is the buyer's: who takes the order up later has no request whose baggage says it.
    """

    id: str
    user_id: str
    state: str
    total: Cents
    lines: tuple[Line, ...] = ()
    buyer: Buyer = Buyer()
    fingerprint: str = ""
    placed_at: str = ""
    touched_at: float = 0.0
    transaction_id: str = ""
    announced: int = 0
    reason: str = ""
    refused: bool = False
    traceparent: str = ""
    tier: str = ""

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Order":
        known = {own.name: document[own.name] for own in fields(cls) if own.name in document}
        lines = tuple(Line(**line) for line in document["lines"])
        return cls(**(known | {"lines": lines, "buyer": Buyer(**document["buyer"])}))

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def is_open_to(self, user_id: str) -> bool:
        """Whether this user may see it: its buyer, and everybody where it is the guest's."""
        return self.user_id in {user_id, GUEST}

    def is_due(self, now: float, wait: float) -> bool:
        """Whether nobody has worked on it for `wait` seconds, or longer the more often it was
        announced in vain.
        """
        return now - self.touched_at >= wait * (1 << min(self.announced, 8))


def order_id(user_id: str, key: str) -> str:
    """The id of the order that this user submits with this key, however often: 16 characters that
    reveal nothing of either.
    """
    digest = blake2b(f"{user_id}\0{key}".encode(), digest_size=10).digest()
    return b32encode(digest).decode().lower()


def fingerprint_of(lines: Iterable[Line], agreed: Cents | None, buyer: Buyer) -> str:
    """The same for the same submission. It must not know the card: even a hash of it would be worth
    stealing, and to pay with another one is no other order.
    """
    submitted = [[asdict(line) for line in lines], agreed, asdict(buyer)]
    return blake2b(json.dumps(submitted, sort_keys=True).encode(), digest_size=10).hexdigest()


def why_not(order: Order) -> ShopError:
    """The error that answers whoever submits an order that was cancelled, each time the same."""
    if order.refused:
        return PaymentRequired(order.reason)
    return Conflict(f"order {order.id} was cancelled: {order.reason}. Submit it as a new order")


def status_without_shipping(order: Order) -> str | None:
    """The status of an order that shipping knows nothing of; None for all others."""
    if order.state in {CANCELLING, CANCELLED}:
        return CANCELLED
    return PROCESSING if order.state == RESERVED else None


SEEDED = tuple(
    Order(str(number), GUEST, SHIPPED, 100_00 + 10_00 * (number - 12345))
    for number in range(12345, 12355)
)
