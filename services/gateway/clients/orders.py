"""Orders. Each method raises Unavailable when orders cannot be reached."""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.errors import Unavailable, Unreachable, UpstreamError
from shared.http import Peer

T = TypeVar("T")
UNDECIDED = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Placed:
    """What orders acknowledged; `first` unless this very order was placed before."""

    first: bool
    receipt: Any


class Orders:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def read(self, order_id: str, user_id: str) -> Any:
        """The order, if it is the user's."""
        query = {"user": user_id}
        return await answer(
            self._peer.get("/order/{order_id}", dict, query=query, order_id=order_id)
        )

    async def of(self, user_id: str) -> Any:
        """The user's orders, newest first."""
        return await answer(self._peer.get("/users/{user_id}/orders", dict, user_id=user_id))

    async def all(self, after: str, limit: int) -> Any:
        """Everybody's orders, so many of those that come after one id."""
        query = {"after": after, "limit": str(limit)}
        return await answer(self._peer.get("/orders", dict, query=query))

    async def place(self, user_id: str, order: Mapping[str, Any], key: str) -> Placed:
        """Places the order that has this key, once however often it is asked."""
        path, headers = "/users/{user_id}/orders", {"idempotency-key": key}
        content = json.dumps(order).encode()
        call = self._peer.call(
            "POST", path, dict, {"user_id": user_id}, body=content, headers=headers
        )
        try:
            status, receipt = await answer(call)
        except UpstreamError as error:
            if error.answered not in UNDECIDED or not error.detail:
                raise
            # Whether it stands is not known yet: what to do now is said by orders alone.
            raise Unavailable(error.detail) from error
        return Placed(status == 201, receipt)


async def answer(call: Awaitable[T]) -> T:
    try:
        return await call
    except Unreachable as error:
        raise Unavailable("Error contacting Orders service") from error
