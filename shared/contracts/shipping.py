from shared.contracts.answer import Answer


class ShipmentStatus(Answer):
    """Where the shipment of the order `id` is; of one alone also how it goes, and by when it has
    arrived, as RFC 3339.
    """

    id: str
    status: str
    service: str = ""
    promised_by: str = ""


class ShipmentStatuses(Answer):
    """Where shipments are; `unknown` has the orders of those whose carrier could not be reached."""

    data: tuple[ShipmentStatus, ...]
    unknown: tuple[str, ...] = ()


class Shipment(Answer):
    """What the carrier took for an order; `shipped_at` and `promised_by` are RFC 3339."""

    order_id: str
    tracking: str
    shipped_at: str
    status: str
    service: str = ""
    promised_by: str = ""


class Shipments(Answer):
    data: tuple[Shipment, ...]


class Batch(Answer):
    """So many parcels that went together."""

    id: str
    orders: int


class Batches(Answer):
    data: tuple[Batch, ...]
