"""An order and what may become of it.

    reserved ──> placed ──> shipped
       └──> cancelling ──> cancelled

`reserved` is written down before any money moves. `placed` is the promise to the buyer: it stands
only on a charge that is confirmed, and from then on nobody gives the money back. `cancelling` says
that there will be no order, `cancelled` that its money is back as well. Every change names the
state it starts from, so that of two who would decide differently one does and the other sees it.
"""

import json
from base64 import b32encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b
from typing import Any

from services.orders.domain.basket import Line
from shared.errors import Conflict, PaymentRequired, ShopError
from shared.money import Cents

RESERVED, PLACED, SHIPPED = "reserved", "placed", "shipped"
CANCELLING, CANCELLED = "cancelling", "cancelled"
STANDS = frozenset({PLACED, SHIPPED})
GUEST = "guest"


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
    """`placed_at` is when the buyer submitted it first, as RFC 3339, and `asked` the fingerprint of
    what was submitted. `touched_at` is when somebody last worked on it, in seconds since the epoch,
    `announced` how often it was announced again. Once it is cancelled, `reason` says why, and
    `refused` that it was the card.
    """

    id: str
    user_id: str
    state: str
    total: Cents
    lines: tuple[Line, ...] = ()
    buyer: Buyer = Buyer()
    asked: str = ""
    placed_at: str = ""
    touched_at: float = 0.0
    transaction_id: str = ""
    announced: int = 0
    reason: str = ""
    refused: bool = False

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Order":
        known = {own.name: document[own.name] for own in fields(cls)}
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
    tell nothing of either.
    """
    digest = blake2b(f"{user_id}\0{key}".encode(), digest_size=10).digest()
    return b32encode(digest).decode().lower()


def fingerprint(lines: Iterable[Line], agreed: Cents | None, buyer: Buyer) -> str:
    """The same for the same submission. It must not know the card: even a hash of it would be worth
    stealing, and to pay with another one is no other order.
    """
    asked = [[line.document() for line in lines], agreed, asdict(buyer)]
    return blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=10).hexdigest()


def why_not(order: Order) -> ShopError:
    """The error that answers whoever submits an order that was cancelled, each time the same."""
    if order.refused:
        return PaymentRequired(order.reason)
    return Conflict(f"order {order.id} was cancelled: {order.reason}. Submit it as a new order")


SEEDED = tuple(
    Order(str(number), GUEST, SHIPPED, 100_00 + 10_00 * (number - 12345))
    for number in range(12345, 12355)
)
