"""The services orders leans on, and the only parts of them it knows."""

from shared.http import Peer


class Shipping:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def status(self, order_id: str) -> str:
        answer = await self._peer.get("/order/{order_id}/status", order_id=order_id)
        return str(answer["status"])
