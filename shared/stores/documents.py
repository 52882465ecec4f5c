"""Documents: JSON objects under an id, whichever database keeps them."""

from collections.abc import Sequence
from typing import Any, Protocol

Document = dict[str, Any]
MOST = 1000


class Documents(Protocol):
    """One collection of documents. Every operation is one span of kind CLIENT, named `OPERATION
    collection`, and raises Unavailable when the database cannot be reached.
    """

    async def get(self, id_: str) -> Document | None:
        """The document with this id, or None."""

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        """The documents with these ids that there are, in one operation, in the order of `ids`."""

    async def all(self, after: str = "", limit: int = MOST) -> list[Document]:
        """Documents in order of their ids, from the first one whose id comes after `after`."""

    async def find(self, key: str, value: str, limit: int = MOST) -> list[Document]:
        """Documents whose field `key` is `value`, in order of their ids."""

    async def put(self, id_: str, document: Document) -> None:
        """Keeps the document under this id, in place of what was there."""

    async def add(self, id_: str, document: Document) -> bool:
        """Keeps the document if there is none under this id yet; says whether it did."""

    async def change(self, id_: str, key: str, was: str, changes: Document) -> bool:
        """Sets the fields of `changes`, if the document's field `key` still is `was`; says whether
        it did. Two that change the same document at once: one of them does.
        """

    async def change_many(self, ids: Sequence[str], key: str, was: str, changes: Document) -> int:
        """The same for many documents, in one operation; says how many it changed."""

    async def seed(self, documents: dict[str, Document]) -> None:
        """Keeps those documents whose ids are not there yet: the data a new shop starts with."""

    async def close(self) -> None:
        """Ends what is under way and lets go of the database."""
