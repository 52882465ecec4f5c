"""Documents: JSON objects under an id, whichever database keeps them."""

from typing import Any, Protocol

Document = dict[str, Any]


class Documents(Protocol):
    """One collection of documents. Every operation is one span of kind CLIENT, named `OPERATION
    collection`.
    """

    async def get(self, id_: str) -> Document | None:
        """The document with this id, or None."""

    async def put(self, id_: str, document: Document) -> None:
        """Keeps the document under this id, in place of what was there."""

    async def find(self, key: str, value: str) -> list[Document]:
        """All documents whose field `key` is `value`, in order of their ids."""

    async def seed(self, documents: dict[str, Document]) -> None:
        """Keeps those documents whose ids are not there yet: the data a new shop starts with."""

    async def close(self) -> None:
        """Ends what is under way and lets go of the database."""
