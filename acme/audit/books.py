"""The books of a shop, read from its files and not from its own answers."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acme.audit.buyers import Answers

Documents = dict[str, dict[str, Any]]
STANDS = {"placed", "shipped"}
HALF_DONE = {"reserved", "cancelling", "pending", "voiding"}


@dataclass(frozen=True)
class Books:
    """Who keeps what, by id: the shop's orders, charges and shipments; the bank's and the carrier's
    own books.
    """

    orders: Documents
    charges: Documents
    shipments: Documents
    bank: Documents
    carrier: Documents

    @classmethod
    def read(cls, data: Path) -> "Books":
        return cls(
            orders=documents(data / "orders.sqlite", "orders"),
            charges=documents(data / "payment.sqlite", "charges"),
            shipments=documents(data / "shipping.sqlite", "shipments"),
            bank=documents(data / "bank.sqlite", "charges"),
            carrier=documents(data / "carrier.sqlite", "parcels"),
        )

    def unsettled(self, answers: Answers) -> int:
        """How many orders are still on their way: half done, or not shipped yet."""
        kept = (*self.orders.values(), *self.charges.values())
        half_done = sum(1 for document in kept if document["state"] in HALF_DONE)
        stands = {id_ for id_, order in self.orders.items() if order["state"] in STANDS}
        acknowledged = {id_ for ids in answers.orders.values() for id_ in ids}
        return half_done + len((stands | acknowledged) - self.shipments.keys())

    def discrepancies(self, answers: Answers) -> list[str]:
        """Every way in which these books break the shop's promise; none is as it should be."""
        return [
            *self._of_acknowledged(answers),
            *self._of_money(),
            *self._of_refused(answers.refused),
            *self._of_parcels(),
        ]

    def _of_acknowledged(self, answers: Answers) -> Iterable[str]:
        stored = self._stored_by_mark()
        for mark, ids in answers.orders.items():
            if stored.get(mark, set()) != ids or len(ids) != 1:
                yield f"{mark}: acknowledged as {sorted(ids)}, stored as {stored.get(mark)}"
            for id_ in ids:
                if self._charged(id_) != self.orders.get(id_, {}).get("total"):
                    yield f"order {id_}: the bank charged {self._charged(id_)} cents"
                if id_ not in self.shipments:
                    yield f"order {id_}: not shipped"

    def _stored_by_mark(self) -> dict[str, set[str]]:
        stored: dict[str, set[str]] = {}
        for id_, order in self.orders.items():
            if order["state"] in STANDS:
                mark = order["buyer"]["address"].get("street", "")
                stored.setdefault(mark, set()).add(id_)
        return stored

    def _of_money(self) -> Iterable[str]:
        for id_ in self.bank:
            stands = self.orders.get(id_, {}).get("state") in STANDS
            if self._charged(id_) and not stands:
                yield f"order {id_}: charged, but there is no such order"
            if bool(self._charged(id_)) != (self.charges.get(id_, {}).get("state") == "charged"):
                yield f"order {id_}: the ledger and the bank do not agree"

    def _of_refused(self, marks: set[str]) -> Iterable[str]:
        stored = self._stored_by_mark()
        return (f"{mark}: refused, but stored" for mark in marks if mark in stored)

    def _of_parcels(self) -> Iterable[str]:
        for id_ in self.shipments:
            if self.orders.get(id_, {}).get("state") not in STANDS:
                yield f"order {id_}: shipped, but there is no such order"
        parcels = Counter(parcel["key"] for parcel in self.carrier.values())
        for id_, number in parcels.items():
            if number > 1 or id_ not in self.shipments:
                yield f"order {id_}: the carrier has {number} parcels, which shipping does not know"

    def _charged(self, id_: str) -> int:
        """What the bank has taken for this order and not given back, in cents."""
        entry = self.bank.get(id_, {})
        return int(entry["amount"]) if entry.get("state") == "charged" else 0


def documents(path: Path, table: str) -> Documents:
    """All documents of one table by id; none when the file is not there."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(f"SELECT id, body FROM {table}")  # noqa: S608 - a name of ours
        return {id_: json.loads(body) for id_, body in rows}
