"""An entry of the ledger: what became of the payment of one order.

    pending ──> charged ───> voiding ──> voided
       ├──────────────────────^ ^          ^
       └──> declined ───────────┘ (nothing)┘

`pending` is written down before the bank is asked, so whatever the bank does, the ledger knows that
it may have. `voiding` says that there will be no charge, `voided` that the bank agrees. Every
change names the state it starts from.
"""

from dataclasses import asdict, dataclass, fields
from secrets import token_hex
from typing import Any

from shared.errors import Conflict, PaymentRequired
from shared.money import Cents, dollars

PENDING, CHARGED, DECLINED = "pending", "charged", "declined"
VOIDING, VOIDED = "voiding", "voided"


@dataclass(frozen=True)
class Entry:
    """`touched_at` is when somebody began to work on it, in seconds since the epoch; `reason` says
    why it was declined.
    """

    order_id: str
    state: str
    touched_at: float
    user_id: str = ""
    amount: Cents = 0
    transaction_id: str = ""
    reason: str = ""

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Entry":
        return cls(**{own.name: document[own.name] for own in fields(cls)})

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def answer(self) -> dict[str, Any]:
        return {
            "order_id": self.order_id,
            "status": self.state,
            "amount": dollars(self.amount),
            "transaction_id": self.transaction_id,
            "reason": self.reason,
        }


def another_key(order_id: str) -> str:
    """A key for one more charge of the same order, where each request is taken for a new one."""
    return f"{order_id}.{token_hex(4)}"


def checked(entry: Entry, amount: Cents) -> Entry:
    """The entry, if it is of a payment of `amount`."""
    if entry.amount != amount and entry.state not in {VOIDING, VOIDED}:
        raise Conflict(f"order {entry.order_id} was to pay {dollars(entry.amount)} dollars")
    return entry


def paid(entry: Entry) -> Entry:
    """The entry, if it is charged; raises PaymentRequired when the bank declined, Conflict when it
    was voided.
    """
    if entry.state == DECLINED:
        raise PaymentRequired(entry.reason)
    if entry.state != CHARGED:
        raise Conflict(f"the payment of order {entry.order_id} was voided: it is never charged")
    return entry
