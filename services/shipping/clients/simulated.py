"""A simulated carrier. Its books are its own: they outlive whatever happens to
shipping.
"""

from collections.abc import Callable
from time import time
from typing import Any

from services.shipping.domain import DELIVERED, SEEDED, SHIPPED
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
            case "POST", "/v1/manifests":
                return 201, {"parcels": len(request.body["tracking"])}
            case "POST", "/v1/tracking":
                return await self._read_many(request.body["tracking"])
        return 404, {"detail": f"no {request.method} {request.path}"}

    async def _book(self, key: str) -> Answer:
        tracking = f"AC{key.upper()}US"
        parcel = {"key": key, "tracking": tracking, "booked_at": self._clock()}
        await self._books.add(tracking, parcel)
        return 201, {"tracking": tracking}

    async def _read(self, tracking: str) -> Answer:
        if tracking in LONG_ARRIVED:
            return 200, {"tracking": tracking, "state": DELIVERED}
        parcel = await self._books.get(tracking)
        if parcel is None:
            return 404, {"detail": f"no parcel {tracking}"}
        return 200, self._tracked(parcel)

    async def _read_many(self, tracking: list[str]) -> Answer:
        parcels = await self._books.get_many(tracking)
        return 200, {"parcels": [self._tracked(parcel) for parcel in parcels]}

    def _tracked(self, parcel: dict[str, Any]) -> dict[str, str]:
        arrived = self._clock() - parcel["booked_at"] >= ON_THE_WAY
        return {"tracking": parcel["tracking"], "state": DELIVERED if arrived else SHIPPED}
