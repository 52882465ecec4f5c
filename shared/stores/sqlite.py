"""Documents in SQLite: the embedded default. One file per service, one thread per file, off the
event loop.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from opentelemetry.trace import SpanKind, Tracer

from shared.errors import SettingError
from shared.stores.documents import Document

T = TypeVar("T")


class SqliteDocuments:
    """One collection: a table of ids and JSON texts in the file `path`, made when missing."""

    def __init__(self, path: Path, collection: str, tracer: Tracer) -> None:
        if not collection.isidentifier():
            raise ValueError(f"{collection!r} is no name for a collection")
        self._collection, self._tracer = collection, tracer
        self._fixed = {
            "db.system.name": "sqlite",
            "db.namespace": path.stem,
            "db.collection.name": collection,
        }
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"sqlite-{collection}")
        self._database = self._thread.submit(open_database, path, collection).result()

    async def get(self, id_: str) -> Document | None:
        sql = f"SELECT body FROM {self._collection} WHERE id = ?"
        row = await self._run("SELECT", lambda db: db.execute(sql, (id_,)).fetchone())
        return json.loads(row[0]) if row else None

    async def put(self, id_: str, document: Document) -> None:
        sql = f"INSERT OR REPLACE INTO {self._collection} (id, body) VALUES (?, ?)"
        text = json.dumps(document)
        await self._run("INSERT", lambda db: db.execute(sql, (id_, text)).rowcount)

    async def find(self, key: str, value: str) -> list[Document]:
        sql = f"SELECT body FROM {self._collection} WHERE json_extract(body, ?) = ? ORDER BY id"
        place = f'$."{key}"'
        rows = await self._run("SELECT", lambda db: db.execute(sql, (place, value)).fetchall())
        return [json.loads(row[0]) for row in rows]

    async def seed(self, documents: dict[str, Document]) -> None:
        sql = f"INSERT OR IGNORE INTO {self._collection} (id, body) VALUES (?, ?)"
        rows = [(id_, json.dumps(document)) for id_, document in documents.items()]
        await self._run("INSERT", lambda db: db.executemany(sql, rows).rowcount)

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._database.close)
        self._thread.shutdown()

    async def _run(self, operation: str, work: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        with self._tracer.start_as_current_span(
            f"{operation} {self._collection}",
            kind=SpanKind.CLIENT,
            attributes={**self._fixed, "db.operation.name": operation},
        ):
            return await loop.run_in_executor(self._thread, work, self._database)


def open_database(path: Path, collection: str) -> sqlite3.Connection:
    """The file with the collection's table; raises SettingError when it cannot be used."""
    try:
        return prepared(path, collection)
    except (OSError, sqlite3.Error) as error:
        raise SettingError(
            f"{path} cannot be used ({error}): delete it to start anew, or name another folder"
            " with ACME_DATA"
        ) from None


def prepared(path: Path, collection: str) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA busy_timeout = 5000")
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {collection} (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
        )
    except sqlite3.Error:
        database.close()
        raise
    return database
