"""A simulated carrier. Its books are its own: they outlive whatever happens to
shipping.
"""

from collections.abc import Callable
from time import time
from typing import Any

from services.shipping.domain import SEEDED
from shared.http import SimulatedRequest
from shared.stores.documents import Documents

SECONDS = 0.008
TRACK = "/v1/tracking/"
ON_THE_WAY = 30.0
LONG_ARRIVED = {shipment.tracking for shipment in SEEDED}

Answer = tuple[int, Any]


class SimulatedCarrier:
    """One parcel for each key. A parcel is "shipped" for half a minute, and then "delivered"."""

    def __init__(self, books: Documents, clock: Callable[[], float] = time) -> None:
        self._books, self._clock = books, clock

    async def answer(self, request: SimulatedRequest) -> Answer:
        match request.method, request.path:
            case "POST", "/v1/shipments":
                return await self._book(request.key)
            case "GET", path if path.startswith(TRACK):
                return await self._read(path.removeprefix(TRACK))
        return 404, {"detail": f"no {request.method} {request.path}"}

    async def _book(self, key: str) -> Answer:
        tracking = f"AC{key.upper()}US"
        parcel = {"key": key, "tracking": tracking, "booked_at": self._clock()}
        await self._books.add(tracking, parcel)
        return 201, {"tracking": tracking}

    async def _read(self, tracking: str) -> Answer:
        if tracking in LONG_ARRIVED:
            return 200, {"tracking": tracking, "state": "delivered"}
        parcel = await self._books.get(tracking)
        if parcel is None:
            return 404, {"detail": f"no parcel {tracking}"}
        arrived = self._clock() - parcel["booked_at"] >= ON_THE_WAY
        return 200, {"tracking": tracking, "state": "delivered" if arrived else "shipped"}
