"""Documents in MongoDB, through pymongo's asyncio client."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from opentelemetry.trace import Span, Tracer
from opentelemetry.util.types import AttributeValue
from pymongo import ASCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from shared.errors import Unavailable
from shared.hooks import NO_HOOKS, Hooks
from shared.stores.documents import MOST, Document
from shared.stores.mongo_client import MongoClient, connect, server_of
from shared.stores.pauses import growing
from shared.stores.spans import database_call

__all__ = ["MongoClient", "MongoDocuments", "connect"]

DUPLICATE_KEY = 11000
WAIT = 30.0
WITHOUT_ID = {"_id": False}

log = logging.getLogger("acmeshop")


class MongoDocuments:
    """One collection of the database `owner`; of the client's own, if its address names one, and
    then called `owner.collection` there, since other owners share it.
    """

    def __init__(
        self,
        client: MongoClient,
        owner: str,
        collection: str,
        fields: Sequence[str],
        tracer: Tracer,
        *,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        self._hooks = hooks
        database = client.get_default_database(owner)
        self._name = collection if database.name == owner else f"{owner}.{collection}"
        self._database, self._collection = database, database[self._name]
        self._fields, self._tracer = fields, tracer
        self._fixed: dict[str, AttributeValue] = {
            "db.system.name": "mongodb",
            "db.namespace": database.name,
            "db.collection.name": self._name,
            **server_of(client),
        }

    async def prepare(self, wait: float = WAIT) -> None:
        """Makes the indexes; waits for a MongoDB that starts later than the service, and raises
        Unavailable when it does not come.
        """
        end = monotonic() + wait
        for attempt, pause in enumerate(growing()):
            try:
                return await self._make_indexes()
            except PyMongoError as error:  # a refusal, too: while it starts it knows nobody yet
                if not attempt:
                    log.warning("waiting for MongoDB: %s", type(error).__name__)
                if monotonic() > end:
                    message = (
                        f"the MongoDB of MONGO_URL did not take {self._name} within {wait:g} s"
                    )
                    raise Unavailable(message) from error
            await asyncio.sleep(pause)
        raise AssertionError("the pauses never end")

    async def _make_indexes(self) -> None:
        await self._database.command("ping")
        for field in self._fields:  # in the order in which `find` gives them
            await self._collection.create_index([(field, ASCENDING), ("_id", ASCENDING)])

    async def get(self, id_: str) -> Document | None:
        async with self._call("find") as span:
            found = await self._collection.find_one({"_id": id_}, WITHOUT_ID)
            span.set_attribute("db.response.returned_rows", int(found is not None))
        return found

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        async with self._call("find") as span:
            every = await self._collection.find({"_id": {"$in": list(ids)}}).to_list()
            span.set_attribute("db.response.returned_rows", len(every))
        found = {document.pop("_id"): document for document in every}
        return [found[id_] for id_ in ids if id_ in found]

    async def all(self, after: str = "", limit: int = MOST) -> list[Document]:
        return await self._found({"_id": {"$gt": after}}, limit)

    async def find(self, key: str, value: str, limit: int = MOST) -> list[Document]:
        return await self._found({key: value}, limit)

    async def _found(self, wanted: Document, limit: int) -> list[Document]:
        async with self._call("find") as span:
            cursor = self._collection.find(wanted, WITHOUT_ID)
            found = await cursor.sort("_id", ASCENDING).limit(limit).to_list()
            span.set_attribute("db.response.returned_rows", len(found))
        return found

    async def put(self, id_: str, document: Document) -> None:
        async with self._call("update"):
            await self._collection.replace_one({"_id": id_}, document, upsert=True)

    async def add(self, id_: str, document: Document) -> bool:
        async with self._call("insert"):
            try:
                await self._collection.insert_one({**document, "_id": id_})
            except DuplicateKeyError:
                return False
        return True

    async def change(self, id_: str, key: str, was: str, changes: Document) -> bool:
        async with self._call("update"):
            wanted = {"_id": id_, key: was}
            done = await self._collection.update_one(wanted, {"$set": changes})
        return done.matched_count == 1

    async def change_many(self, ids: Sequence[str], key: str, was: str, changes: Document) -> int:
        async with self._call("update", batch=len(ids)):
            wanted = {"_id": {"$in": list(ids)}, key: was}
            done = await self._collection.update_many(wanted, {"$set": changes})
        return done.matched_count

    async def seed(self, documents: dict[str, Document]) -> None:
        if not documents:
            return
        rows = [{**document, "_id": id_} for id_, document in documents.items()]
        async with self._call("insert", batch=len(rows)):
            try:
                await self._collection.insert_many(rows, ordered=False)
            except BulkWriteError as error:
                if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                    raise

    async def close(self) -> None:
        """Does nothing: the client belongs to whoever made it."""

    @asynccontextmanager
    async def _call(self, operation: str, batch: int = 1) -> AsyncIterator[Span]:
        connection = self._hooks.connection(operation, self._name)
        async with connection, self._span(operation, batch) as span:
            yield span

    @asynccontextmanager
    async def _span(self, operation: str, batch: int) -> AsyncIterator[Span]:
        attributes = {**self._fixed, "db.operation.batch.size": batch} if batch > 1 else self._fixed
        with database_call(self._tracer, operation, self._name, attributes, code_of) as span:
            await self._hooks.operation(operation, self._name)
            try:
                yield span
            except PyMongoError as error:
                message = f"MongoDB refused: {type(error).__name__}"
                raise Unavailable(message) from error


def code_of(error: BaseException | None) -> str | None:
    """The number of MongoDB's error, where there is one."""
    code = getattr(error, "code", None)
    return None if code is None else str(code)
