from typing import Literal

from shared.contracts.answer import Answer, Sum

ChargeState = Literal["pending", "charged", "declined", "voiding", "voided"]


class Charge(Answer):
    """What the ledger says of the payment of an order."""

    order_id: str
    status: ChargeState
    amount: Sum
    transaction_id: str
    reason: str


class Charges(Answer):
    data: tuple[Charge, ...]
