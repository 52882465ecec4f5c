"""Room on the disk: how much of it the file may take, and how it is made when there is none.

Beside the file lies a second one without content, its ballast: deleted when the disk is full, it
leaves the room in which to tidy up. A full SQLite file cannot even delete without it.
"""

import logging
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from lens.store.retention import file_bytes, forget_traces, free_bytes, number

log = logging.getLogger(__name__)

RESERVE = 16 * 1024 * 1024
SMALL_PART = 8
NEARLY_FULL = 4 * RESERVE
BALLAST = 4 * 1024 * 1024
BALLAST_TIMES = 4
FORGOTTEN_PART = 50
PAGES_GIVEN_BACK = 500
# Rows lie spread over pages, and each page is written to SQLite's log before the file.
BYTES_PER_BYTE = 3
LEAST_BYTES = 512 * 1024


@dataclass(frozen=True)
class Disk:
    """The disk under a file, in bytes, when it was last looked at."""

    free: int
    total: int

    @classmethod
    def of(cls, path: Path) -> "Disk":
        usage = shutil.disk_usage(path.parent)
        return cls(usage.free, usage.total)

    @property
    def nearly_full(self) -> bool:
        return self.free < NEARLY_FULL

    @property
    def ballast(self) -> int:
        return min(BALLAST, self.total // SMALL_PART)

    @property
    def spare(self) -> int:
        """What may still be taken: a small part stays free, for SQLite's log and for others."""
        return self.free - min(RESERVE, self.total // SMALL_PART)


class Room:
    """The room that the file at `path` has on its disk; `tight` when there was little last time."""

    def __init__(self, path: Path) -> None:
        self.tight = False
        self._short = False
        self._path = path
        self._ballast = path.with_name(path.name + "-ballast")

    def look(self, connection: sqlite3.Connection, wanted: int) -> int:
        """How many bytes of the file may be in use; outside of a transaction.

        Lays in ballast while there is enough room; where there is little, SQLite's log is kept
        short.
        """
        disk = Disk.of(self._path)
        if disk.free > BALLAST_TIMES * disk.ballast and not self._ballast.exists():
            with self._ballast.open("wb") as file:
                fill(file.fileno(), disk.ballast)
        self.tight = disk.nearly_full
        if self.tight:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        size = file_bytes(connection)
        still_to_be_written = max(0, size - self._path.stat().st_size)
        spare = disk.spare - still_to_be_written
        self._say(spare <= 0)
        # Without room the file stops growing. It does not shrink: that could cost every trace.
        return min(wanted, size + spare if spare > 0 else size * 9 // 10)

    def _say(self, short: bool) -> None:
        if short and not self._short:
            log.warning(
                "the disk of %s is nearly full: the file grows no more, the oldest traces go",
                self._path,
            )
        elif self._short and not short:
            log.warning("the disk of %s has room again: the file may grow", self._path)
        self._short = short

    def make(self, connection: sqlite3.Connection, size: int) -> list[str]:
        """One step towards room for a batch of `size` bytes on a full disk, the oldest traces
        first; the ids of those that are gone. Raises sqlite3.Error when it is too full even for
        that.
        """
        # What SQLite has in its log, and ours: a deletion needs room itself before it makes some.
        self._ballast.unlink(missing_ok=True)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("BEGIN IMMEDIATE")
        gone: list[str] = []
        if free_bytes(connection) < LEAST_BYTES + BYTES_PER_BYTE * size:
            traces = number(connection, "SELECT count(*) FROM trace")
            gone = forget_traces(connection, max(1, traces // FORGOTTEN_PART))
        else:
            connection.execute(f"PRAGMA incremental_vacuum({PAGES_GIVEN_BACK})").fetchall()
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return gone


def fill(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.write(file, bytes(size))
