"""The carrier as shipping sees it."""

from pydantic import BaseModel

from shared.http import Peer

URL = "http://carrier.example"


class Booked(BaseModel):
    tracking: str


class Manifest(BaseModel):
    parcels: int


class Tracked(BaseModel):
    state: str


class TrackedParcel(Tracked):
    tracking: str


class TrackedParcels(BaseModel):
    parcels: tuple[TrackedParcel, ...]


class Carrier:
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def book(self, order_id: str, service: str) -> str:
        """Hands over the order's parcel; the same order again is the same parcel. Returns its
        tracking number. The carrier gets no baggage: what it must know is in the body.
        """
        body = {"reference": order_id, "service": service}
        headers = {"idempotency-key": order_id}
        return (await self._peer.post("/v1/shipments", Booked, body, headers=headers)).tracking

    async def hand_over(self, batch: str, tracking: list[str]) -> int:
        """Hands a batch of parcels to the driver, and says how many there were; one that was handed
        over before stays so.
        """
        body, headers = {"tracking": tracking}, {"idempotency-key": batch}
        return (await self._peer.post("/v1/manifests", Manifest, body, headers=headers)).parcels

    async def state(self, tracking: str) -> str:
        path = "/v1/tracking/{tracking}"
        return (await self._peer.get(path, Tracked, tracking=tracking)).state

    async def states(self, tracking: list[str]) -> dict[str, str]:
        """Those of many parcels in one call, by tracking number; what it never saw is left out."""
        body = {"tracking": tracking}
        found = await self._peer.post("/v1/tracking", TrackedParcels, body)
        return {parcel.tracking: parcel.state for parcel in found.parcels}
