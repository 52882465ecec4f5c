"""Where shipments are kept, each under the id of its order."""

from services.shipping.domain import SEEDED, Shipment
from shared.stores.documents import Documents


class ShipmentStore:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def seed(self) -> None:
        """The shipments of the guest's orders, which every new shop has."""
        await self._documents.seed({shipment.order_id: shipment.document() for shipment in SEEDED})

    async def of(self, order_id: str) -> Shipment | None:
        document = await self._documents.get(order_id)
        return Shipment.of(document) if document else None
