"""The carrier as shipping sees it."""

from shared.http import Peer

URL = "http://carrier.example"


class Carrier:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def book(self, order_id: str) -> str:
        """Hands over the order's parcel; the same order again is the same parcel. Answers its
        tracking number.
        """
        headers = {"idempotency-key": order_id}
        answer = await self._peer.post(
            "/v1/shipments", dict, {"reference": order_id}, headers=headers
        )
        return str(answer["tracking"])

    async def state(self, tracking: str) -> str:
        answer = await self._peer.get("/v1/tracking/{tracking}", dict, tracking=tracking)
        return str(answer["state"])
