"""The bank as payment sees it. It does everything once for each key, which is the order's id."""

from services.payment.domain.card import Card
from services.payment.domain.ledger import CHARGED, DECLINED, Entry
from shared.errors import NotFound, PaymentRequired
from shared.http import Peer

URL = "http://bank.example"
DECLINES = "the bank declined this card"


class Bank:
    """Both questions answer the fields of the ledger's entry that the bank decides."""

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
            charge = await self._peer.post("/v1/charges", dict, body, headers=headers)
        except PaymentRequired:
            return {"state": DECLINED, "reason": DECLINES}
        return {"state": CHARGED, "transaction_id": charge["id"]}

    async def decided(self, key: str) -> dict[str, str] | None:
        """What it decided before, or None: nothing is charged, or nothing any more."""
        try:
            charge = await self._peer.get("/v1/charges/{key}", dict, key=key)
        except NotFound:
            return None
        if charge["state"] == "declined":
            return {"state": DECLINED, "reason": DECLINES}
        if charge["state"] == "charged":
            return {"state": CHARGED, "transaction_id": charge["id"]}
        return None

    async def give_back(self, key: str) -> None:
        """Afterwards the key is not charged, and cannot be any more."""
        await self._peer.post("/v1/refunds", dict, {"key": key})
