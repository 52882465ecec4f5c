"""The rules of payment: which cards are taken, and what an entry of the ledger may become.

    pending ──> charged ───> voiding ──> voided
       ├──────────────────────^ ^          ^
       └──> declined ───────────┘ (nothing)┘

`pending` is written down before the bank is called, so whatever the bank does, the ledger knows
that it may have. `voiding` says that there will be no charge, `voided` that the bank agrees. Every
change names the state it starts from.
"""

import re
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from secrets import token_hex
from typing import Any

from shared.contracts.payment import ChargeState
from shared.errors import Conflict, PaymentRequired
from shared.money import Cents, dollars

PENDING: ChargeState = "pending"
CHARGED: ChargeState = "charged"
DECLINED: ChargeState = "declined"
VOIDING: ChargeState = "voiding"
VOIDED: ChargeState = "voided"
NUMBER, CODE = re.compile(r"[0-9]{12,19}"), re.compile(r"[0-9]{3,4}|")
YEAR, MONTH = re.compile(r"(?:20)?([0-9]{2})"), re.compile(r"0?[1-9]|1[0-2]")


@dataclass(frozen=True)
class Card:
    """A card as the buyer typed it; no refusal repeats a digit of it. It is held while it
    is charged, and never kept; its repr has nothing of it.
    """

    number: str = field(repr=False)
    month: str = field(repr=False)
    year: str = field(repr=False)
    code: str = field(repr=False, default="")

    def accepted(self, today: date, *, also_expired: bool = False) -> "Card":
        """The card in plain digits; raises PaymentRequired when it cannot be charged."""
        number = re.sub(r"[\s-]", "", self.number)
        month, year, code = self.month.strip(), self.year.strip(), self.code.strip()
        if not NUMBER.fullmatch(number):
            raise PaymentRequired("a card number has 12 to 19 digits, and this one has not")
        if not CODE.fullmatch(code):
            raise PaymentRequired("a card's security code has 3 or 4 digits, and this one has not")
        if not MONTH.fullmatch(month) or not (short := YEAR.fullmatch(year)):
            raise PaymentRequired("a card expires in a month like 08 of a year like 2031")
        year = f"20{short[1]}"
        # A card is good until its month is over.
        if (int(year), int(month)) < (today.year, today.month) and not also_expired:
            raise PaymentRequired("this card has expired")
        return Card(number, f"{int(month):02}", year, code)


@dataclass(frozen=True)
class Entry:
    """`touched_at` is when somebody began to work on it, in seconds since the epoch; `reason` says
    why it was declined.
    """

    order_id: str
    state: ChargeState
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
