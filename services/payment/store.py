"""The ledger: one entry for each order that was ever to be paid."""

from dataclasses import replace
from typing import Any

from services.payment.domain import Entry
from shared.errors import NotFound
from shared.stores.documents import Documents

INDEXED = ("state",)


class Ledger:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def add(self, entry: Entry) -> bool:
        """Keeps the order's first entry; says whether it is the first."""
        return await self._documents.add(entry.order_id, entry.document())

    async def read(self, order_id: str) -> Entry:
        document = await self._documents.get(order_id)
        if document is None:
            raise NotFound(f"no payment of order {order_id}")
        return Entry.of(document)

    async def change(self, entry: Entry, **changes: Any) -> Entry:
        """The entry with the changes, if its state still was the one known here; else as somebody
        else has changed it.
        """
        if await self._documents.change(entry.order_id, "state", entry.state, changes):
            return replace(entry, **changes)
        return await self.read(entry.order_id)

    async def in_state(self, state: str, limit: int) -> list[Entry]:
        return [Entry.of(one) for one in await self._documents.find("state", state, limit)]

    async def page(self, after: str, limit: int) -> list[Entry]:
        """All entries in order of their orders' ids."""
        return [Entry.of(one) for one in await self._documents.all(after, limit)]
