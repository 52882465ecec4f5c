"""Carts. Each method gives the cart as it is then."""

from collections.abc import Mapping
from typing import Any

from shared.http import Peer


class Carts:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def of(self, user_id: str) -> Any:
        return await self._peer.get("/carts/{user_id}", dict, user_id=user_id)

    async def add(self, user_id: str, item: Mapping[str, Any]) -> Any:
        """Puts so many more of it into the cart."""
        return await self._peer.post("/carts/{user_id}/items", dict, dict(item), user_id=user_id)

    async def change(self, user_id: str, itemid: str, quantity: int) -> Any:
        """Makes it so many of what is in the cart; 0 takes it out."""
        path, body = "/carts/{user_id}/items/{itemid}", {"quantity": quantity}
        return await self._peer.post(path, dict, body, user_id=user_id, itemid=itemid)

    async def clear(self, user_id: str) -> Any:
        return await self._peer.post("/carts/{user_id}/clear", dict, {}, user_id=user_id)
