"""The file of an SQLite database, made ready for one collection."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from shared.errors import SettingError

PATIENCE = 5.0  # while another process writes to the same file
CHECKED_BYTES = 32 * 1024 * 1024  # which takes some tenths of a second
WRITABLE = "make the file and its folder writable for this user"
ROOM = "make room on its disk"
ANEW = "delete it to start anew"
REMEDIES = {
    sqlite3.SQLITE_READONLY: WRITABLE,
    sqlite3.SQLITE_CANTOPEN: WRITABLE,
    sqlite3.SQLITE_PERM: WRITABLE,
    sqlite3.SQLITE_FULL: ROOM,
    sqlite3.SQLITE_IOERR: ROOM,
    sqlite3.SQLITE_CORRUPT: ANEW,
    sqlite3.SQLITE_NOTADB: ANEW,
}


def open_database(path: Path, collection: str, fields: Sequence[str]) -> sqlite3.Connection:
    """The file with the collection's table; raises SettingError when it cannot be used."""
    try:
        return prepared(path, collection, fields)
    except (OSError, sqlite3.Error) as error:
        remedy = remedy_for(error) or ANEW
        raise SettingError(unusable(path, error, remedy)) from None


def unusable(path: Path, error: Exception, remedy: str) -> str:
    """What is wrong with a file, and what to do."""
    return f"{path} cannot be used ({error}): {remedy}, or name another folder with ACME_DATA"


def remedy_for(error: Exception) -> str | None:
    """What to do about the file after this error; None if it is not the file that is at fault."""
    if isinstance(error, OSError):
        return WRITABLE
    return REMEDIES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


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
        check(database, path, collection)
    except (sqlite3.Error, ValueError):
        database.close()
        raise
    return database


def check(database: sqlite3.Connection, path: Path, collection: str) -> None:
    """Finds now what the first request would find otherwise: a table that is not ours, a damaged
    page, a file that cannot be written.
    """
    database.execute(f"SELECT id, body FROM {collection} LIMIT 0")  # noqa: S608 - an identifier
    small = path.stat().st_size < CHECKED_BYTES
    if small and database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("database disk image is malformed")
    # A transaction alone begins on a read-only file, too.
    database.execute("BEGIN IMMEDIATE")
    database.execute("PRAGMA user_version = 0")
    database.execute("ROLLBACK")


def value_of(field: str) -> str:
    """The SQL for a document's field: an index is used only by those who spell it the same."""
    return f"json_extract(body, '$.{named(field)}')"


def named(name: str) -> str:
    """The name of a collection or a field, if it is one that SQL can hold."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name for a collection or a field")
    return name
