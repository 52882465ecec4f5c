"""The file of an SQLite database, made ready for one collection."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.errors import SettingError

PATIENCE = 5.0  # while another process writes to the same file


def open_database(path: Path, collection: str, fields: Sequence[str]) -> sqlite3.Connection:
    """The file with the collection's table; raises SettingError when it cannot be used."""
    try:
        return prepared(path, collection, fields)
    except (OSError, sqlite3.Error) as error:
        raise SettingError(
            f"{path} cannot be used ({error}): delete it to start anew, or name another folder"
            " with ACME_DATA"
        ) from None


def prepared(path: Path, collection: str, fields: Sequence[str]) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        # What is committed is in the hands of the operating system: killing the process loses
        # nothing. Only a power failure could cost the last moments, which a demo can bear; the file
        # stays whole even then. Waiting for the disk each time (FULL) would cost milliseconds.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(
            f"CREATE TABLE IF NOT EXISTS {collection} (id TEXT PRIMARY KEY, body TEXT NOT NULL)"
        )
        for field in fields:
            database.execute(
                f"CREATE INDEX IF NOT EXISTS {collection}_{field} ON {collection}"
                f" ({value_of(field)}, id)"
            )
    except (sqlite3.Error, ValueError):
        database.close()
        raise
    return database


def value_of(field: str) -> str:
    """The SQL for a document's field: an index is used only by those who spell it the same."""
    return f"json_extract(body, '$.{named(field)}')"


def named(name: str) -> str:
    """The name of a collection or a field, if it is one that SQL can hold."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name for a collection or a field")
    return name
