"""Documents in SQLite: the embedded default. One file per service, one thread per collection, off
the event loop.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from pathlib import Path
from typing import Any

from opentelemetry.trace import Tracer
from opentelemetry.util.types import AttributeValue

from shared.errors import Unavailable
from shared.hooks import NO_HOOKS, Hooks
from shared.stores.documents import MOST, Document
from shared.stores.spans import database_call
from shared.stores.sqlite_file import named, open_database, remedy_for, unusable, value_of

Instrument = Callable[[sqlite3.Connection], sqlite3.Connection]

log = logging.getLogger(__name__)

STATEMENTS = 64  # there are fewer: one for each method, and for the fields it is asked about
ADD = "INSERT INTO {collection} (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
PUT = (
    "INSERT INTO {collection} (id, body) VALUES (?, ?)"
    " ON CONFLICT (id) DO UPDATE SET body = excluded.body"
)
SEED = (
    "INSERT INTO {collection} (id, body)"
    " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true"
    " ON CONFLICT (id) DO NOTHING"
)
GET = "SELECT body FROM {collection} WHERE id = ?"
GET_MANY = "SELECT id, body FROM {collection} WHERE id IN (SELECT value FROM json_each(?))"
ALL = "SELECT body FROM {collection} WHERE id > ? ORDER BY id LIMIT ?"
FIND = "SELECT body FROM {collection} WHERE {value} = ? ORDER BY id LIMIT ?"
CHANGE = "UPDATE {collection} SET body = json_set(body{pairs}) WHERE id = ? AND {value} = ?"
CHANGE_MANY = CHANGE.replace("id = ?", "id IN (SELECT value FROM json_each(?))")


def unchanged(database: sqlite3.Connection) -> sqlite3.Connection:
    return database


class SqliteDocuments:
    """One collection: a table of ids and JSON texts in the file `path`, made when missing."""

    def __init__(
        self,
        path: Path,
        collection: str,
        fields: Sequence[str],
        tracer: Tracer,
        *,
        hooks: Hooks = NO_HOOKS,
        instrument: Instrument = unchanged,
    ) -> None:
        self._collection, self._tracer, self._hooks = named(collection), tracer, hooks
        self._path, self._said = path, False
        self._fixed: dict[str, AttributeValue] = {
            "db.system.name": "sqlite",
            "db.namespace": path.stem,
            "db.collection.name": collection,
        }
        self._prepared = lru_cache(STATEMENTS)(self._prepare)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"sqlite-{collection}")
        opened = self._thread.submit(open_database, path, collection, fields).result()
        self._database = instrument(opened)

    async def get(self, id_: str) -> Document | None:
        rows = await self._select(GET, id_)
        return json.loads(rows[0][0]) if rows else None

    async def get_many(self, ids: Sequence[str]) -> list[Document]:
        found = dict(await self._select(GET_MANY, json.dumps(list(ids))))
        return [json.loads(found[id_]) for id_ in ids if id_ in found]

    async def all(self, after: str = "", limit: int = MOST) -> list[Document]:
        return [json.loads(row[0]) for row in await self._select(ALL, after, limit)]

    async def find(self, key: str, value: str, limit: int = MOST) -> list[Document]:
        sql = FIND.replace("{value}", value_of(key))
        return [json.loads(row[0]) for row in await self._select(sql, value, limit)]

    async def put(self, id_: str, document: Document) -> None:
        await self._write("INSERT", PUT, id_, json.dumps(document))

    async def add(self, id_: str, document: Document) -> bool:
        return await self._write("INSERT", ADD, id_, json.dumps(document)) == 1

    async def change(self, id_: str, key: str, was: str, changes: Document) -> bool:
        sql, pairs = changing(CHANGE, key, changes)
        return await self._write("UPDATE", sql, *pairs, id_, was) == 1

    async def change_many(self, ids: Sequence[str], key: str, was: str, changes: Document) -> int:
        sql, pairs = changing(CHANGE_MANY, key, changes)
        values = (*pairs, json.dumps(list(ids)), was)
        return await self._write("UPDATE", sql, *values, batch=len(ids))

    async def seed(self, documents: dict[str, Document]) -> None:
        rows = json.dumps([(id_, json.dumps(document)) for id_, document in documents.items()])
        await self._write("INSERT", SEED, rows, batch=len(documents))

    def _prepare(self, sql: str) -> tuple[str, dict[str, AttributeValue]]:
        """The statement for this collection, and what its span says of it."""
        text = sql.replace("{collection}", self._collection)
        return text, {**self._fixed, "db.query.text": text}

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown()

    async def _select(self, sql: str, *values: Any) -> list[Any]:
        return (await self._run("SELECT", sql, values))[0]

    async def _write(self, operation: str, sql: str, *values: Any, batch: int = 1) -> int:
        """Does it; answers how many rows it changed."""
        return (await self._run(operation, sql, values, batch))[1]

    async def _run(
        self, operation: str, sql: str, values: Sequence[Any], batch: int = 1
    ) -> tuple[list[Any], int]:
        async with self._hooks.connection(operation, self._collection):
            return await self._run_now(operation, sql, values, batch)

    async def _run_now(
        self, operation: str, sql: str, values: Sequence[Any], batch: int
    ) -> tuple[list[Any], int]:
        text, attributes = self._prepared(sql)
        if batch > 1:
            attributes = {**attributes, "db.operation.batch.size": batch}
        loop = asyncio.get_running_loop()
        with database_call(self._tracer, operation, self._collection, attributes, code_of) as span:
            await self._hooks.operation(operation, self._collection)
            try:
                # A thread has a context of its own, unless it is given this one.
                rows, changed = await loop.run_in_executor(
                    self._thread, copy_context().run, done, self._database, text, values
                )
            except sqlite3.Error as error:
                raise self._unavailable(error) from error
            self._said = False
            if operation == "SELECT":
                span.set_attribute("db.response.returned_rows", len(rows))
            return rows, changed

    def _unavailable(self, error: sqlite3.Error) -> Unavailable:
        """The error as it is answered. What is wrong with the file is logged once until it works
        again, with its path and a remedy, which are no business of the caller's.
        """
        remedy = remedy_for(error)
        if remedy is None:
            return Unavailable(f"SQLite refused: {code_of(error) or type(error).__name__}")
        if not self._said:
            self._said = True
            log.error("%s", unusable(self._path, error, remedy))
        return Unavailable(f"{self._path.name} cannot be used ({error})")


def changing(sql: str, key: str, changes: Document) -> tuple[str, list[str]]:
    """The statement that sets these fields where `key` has a value, and its first values."""
    # Unlike `json_patch`, this keeps null as a value, and puts an object in another's place.
    pairs = [
        text
        for field, value in changes.items()
        for text in (f"$.{named(field)}", json.dumps(value))
    ]
    setting = sql.replace("{pairs}", ", ?, json(?)" * len(changes))
    return setting.replace("{value}", value_of(key)), pairs


def done(database: sqlite3.Connection, sql: str, values: Sequence[Any]) -> tuple[list[Any], int]:
    """The rows that a statement gives, and how many it changed."""
    cursor = database.cursor()  # and not execute at once, of which the package knows nothing
    cursor.execute(sql, values)
    return cursor.fetchall(), cursor.rowcount


def code_of(error: BaseException | None) -> str | None:
    """SQLite's own name for what went wrong, as in "SQLITE_BUSY"."""
    return getattr(error, "sqlite_errorname", None)
