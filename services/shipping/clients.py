"""The carrier, a system outside the shop."""

from shared.http import Peer


class Carrier:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def state(self, tracking: str) -> str:
        answer = await self._peer.get("/v1/tracking/{tracking}", tracking=tracking)
        return str(answer["state"])
