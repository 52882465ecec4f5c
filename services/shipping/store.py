"""Where shipments are kept, each under the id of its order."""

from services.shipping.domain import SEEDED, WAITING, Shipment
from shared.stores.documents import Documents

INDEXED = ("batch",)


class ShipmentStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def seed(self) -> None:
        """The shipments of the guest's orders: the same at every start, whatever an earlier version
        kept.
        """
        for shipment in SEEDED:
            await self._documents.put(shipment.order_id, shipment.document())

    async def add(self, shipment: Shipment) -> None:
        """Keeps the order's shipment, if there is none yet."""
        await self._documents.add(shipment.order_id, shipment.document())

    async def note(self, shipment: Shipment, status: str) -> None:
        """Keeps what the carrier says of it now, unless somebody else has done so."""
        changes = {"status": status}
        await self._documents.change(shipment.order_id, "status", shipment.status, changes)

    async def waiting(self, limit: int) -> list[Shipment]:
        """Those that no batch has handed over yet."""
        return [Shipment.of(one) for one in await self._documents.find("batch", WAITING, limit)]

    async def hand_over(self, shipments: list[Shipment], batch: str) -> None:
        """Keeps in which batch they went, of those that still wait."""
        ids = [shipment.order_id for shipment in shipments]
        await self._documents.change_many(ids, "batch", WAITING, {"batch": batch})

    async def of(self, order_id: str) -> Shipment | None:
        document = await self._documents.get(order_id)
        return Shipment.of(document) if document else None

    async def of_many(self, order_ids: list[str]) -> list[Shipment]:
        return [Shipment.of(one) for one in await self._documents.get_many(order_ids)]

    async def page(self, after: str, limit: int) -> list[Shipment]:
        """All shipments in order of their orders' ids."""
        return [Shipment.of(one) for one in await self._documents.all(after, limit)]
