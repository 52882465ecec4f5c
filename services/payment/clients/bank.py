"""The bank as payment sees it. It does everything once for each key, which is the order's id."""

from pydantic import BaseModel

from services.payment.domain import CHARGED, DECLINED, Card, Entry
from shared.errors import NotFound, PaymentRequired
from shared.http import Peer

URL = "http://bank.example"
DECLINES = "the bank declined this card"


class Charge(BaseModel):
    id: str


class KnownCharge(Charge):
    state: str


class Refund(BaseModel):
    key: str


class Bank:
    """`charge` and `decided` return the fields of the ledger's entry that the bank decides."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def charge(self, entry: Entry, card: Card) -> dict[str, str]:
        """Raises Conflict when the charge was given back before it came."""
        body = {
            "amount": entry.amount,
            "currency": "USD",
            "card": {
                "number": card.number,
                "exp_month": card.month,
                "exp_year": card.year,
                "cvc": card.code,
            },
        }
        headers = {"idempotency-key": entry.order_id}
        try:
            charge = await self._peer.post("/v1/charges", Charge, body, headers=headers)
        except PaymentRequired:
            return {"state": DECLINED, "reason": DECLINES}
        return {"state": CHARGED, "transaction_id": charge.id}

    async def decided(self, key: str) -> dict[str, str] | None:
        """What it decided before, or None: nothing is charged, or nothing any more."""
        try:
            charge = await self._peer.get("/v1/charges/{key}", KnownCharge, key=key)
        except NotFound:
            return None
        if charge.state == "declined":
            return {"state": DECLINED, "reason": DECLINES}
        if charge.state == "charged":
            return {"state": CHARGED, "transaction_id": charge.id}
        return None

    async def give_back(self, key: str) -> None:
        """Afterwards the key is not charged, and cannot be any more."""
        await self._peer.post("/v1/refunds", Refund, {"key": key})
