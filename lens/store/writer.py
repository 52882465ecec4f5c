"""The one thread that writes: takes from the inbox, commits, forgets, notifies.

What cannot be written now, because the disk is full or the file is read-only, is tried again until
it can. Meanwhile senders are asked to wait, so that nothing is taken that may be lost.
"""

import contextlib
import logging
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lens.store.inbox import COMMIT_ITEMS, Batch, Inbox
from lens.store.names import Names
from lens.store.notifier import Notifier
from lens.store.outage import Outage
from lens.store.retention import Limits, forget_some
from lens.store.room import Room
from lens.store.rows import link_rows, log_row, span_row, summary_row
from lens.store.schema import open_for_writing
from lens.store.tallies import Open, Tallies
from traces.model import Span
from traces.same_id import with_own_id

log = logging.getLogger(__name__)

MAX_SPANS_OF_TRACE = 50_000
MAX_FILES_BESIDE = 9
STEPS_PER_COMMIT = 8
SECONDS_BETWEEN_ATTEMPTS = 1.0
# Why something that was taken is not kept.
DROPPED = ("trace_too_large", "bad_value", "lost")
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# A full disk, which for the index of its log SQLite calls an error of input and output.
NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
# A value that SQLite or JSON has no form for: it can never be written.
BAD_VALUE = (
    OverflowError,
    TypeError,
    ValueError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
)
INSERT_SPAN = "INSERT INTO span VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SAME_ID = "SELECT * FROM span WHERE trace = ? AND span_id = ?"
INSERT_LOG = "INSERT INTO log VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
REPLACE_TRACE = "INSERT OR REPLACE INTO trace VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
PIN, UNPIN = "INSERT OR IGNORE INTO pin VALUES (?)", "DELETE FROM pin WHERE trace_id = ?"
INSERT_LINK = "INSERT OR IGNORE INTO link VALUES (?, ?, ?, ?)"


class Writer:
    """Owns the file. Other threads may read its counters; only its own thread changes them."""

    def __init__(
        self, path: Path, limits: Limits, inbox: Inbox, notifier: Notifier, outage: Outage
    ) -> None:
        self.path = path
        self._wanted = path
        self._damaged: set[Path] = set()
        self.seq = 0
        self.written = 0
        self.dropped: Counter[str] = Counter()
        self.duplicates = 0
        self.opened = threading.Event()
        self._limits = limits
        self._inbox = inbox
        self._notifier = notifier
        self._outage = outage
        self._connection: sqlite3.Connection
        self._stale = False
        self._unwritable: tuple[int, Exception] | None = None
        self._thread = threading.Thread(target=self._run, name="lens-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._open():
            if self._inbox.wait_closed(SECONDS_BETWEEN_ATTEMPTS):
                return
        self._tidy(steps=None)
        while (batch := self._inbox.take()) is not None:
            self._keep(batch)
            self._say_unwritable()
            self.written = batch.ticket
            self._notifier.notify()
        self._connection.close()

    def _open(self, trouble: Exception | None = None) -> bool:
        """Opens the file, or a fresh one where it cannot be used; False if none can be."""
        for path in candidates(self._wanted):
            if path in self._damaged:
                continue
            try:
                self._use(path)
            except (sqlite3.Error, OSError) as error:
                trouble = trouble or error
            else:
                if trouble:
                    log.warning(
                        "%s cannot be used (%s): traces are kept in %s instead; make it writable or"
                        " delete it, or name another folder",
                        self._wanted,
                        trouble,
                        path,
                    )
                return True
        self._outage.begin(self._wanted, trouble, 0)
        return False

    def _use(self, path: Path) -> None:
        """Writes to this file from now on; raises, and goes on as before, if that is impossible."""
        connection = open_for_writing(path)
        try:
            self._read(connection)
            self._room = Room(path)
        except sqlite3.Error:
            connection.close()
            raise
        if self.opened.is_set():
            self._connection.close()
        self._connection = connection
        self.path = path
        self.opened.set()

    def _read(self, connection: sqlite3.Connection) -> None:
        """What is remembered of the file beside it."""
        self._names = Names(connection)
        self._tallies = Tallies(connection)
        stored = connection.execute("SELECT seq FROM progress").fetchone()[0]
        self.seq = max(self.seq, stored)
        self._stale = False

    def _keep(self, batch: Batch) -> None:
        """Returns when the batch is written, or never can be."""
        if self._room.tight and len(batch) > COMMIT_ITEMS:
            self._keep_halves(batch)
            return
        while True:
            try:
                self._write(batch)
            except BAD_VALUE as error:
                self._undo()
                self._leave_out_the_bad(batch, error)
                return
            except sqlite3.Error as error:
                if self._mended(batch.size, error):
                    continue
                self._outage.begin(self.path, error, len(batch))
                self._notifier.notify()
                if self._inbox.closed:
                    self.dropped["lost"] += len(batch)
                    log.warning("%d spans and log lines are lost: %s", len(batch), error)
                    return
                self._inbox.wait_closed(SECONDS_BETWEEN_ATTEMPTS)
            else:
                self._outage.end(self.path)
                self._tidy(STEPS_PER_COMMIT)
                return

    def _leave_out_the_bad(self, batch: Batch, error: Exception) -> None:
        """Writes the rest of the batch; what is bad is found by halving."""
        if len(batch) > 1:
            self._keep_halves(batch)
            return
        self.dropped["bad_value"] += 1
        number, first = self._unwritable or (0, error)
        self._unwritable = number + 1, first

    def _say_unwritable(self) -> None:
        """One line for a batch, however many of it are bad."""
        if self._unwritable is not None:
            log.warning("%d spans or log lines cannot be written: %s", *self._unwritable)
            self._unwritable = None

    def _keep_halves(self, batch: Batch) -> None:
        for half in batch.halves():
            self._keep(half)

    def _mended(self, size: int, error: Exception) -> bool:
        """Whether something was done after this error that makes it worth trying again at once."""
        if is_damage(error):
            self._damaged.add(self.path)
            return self._open(error)
        self._undo()
        try:
            if primary(error) in NO_ROOM:
                gone = self._room.make(self._connection, size)
                self._tallies.drop(gone)
                return bool(gone)
            if primary(error) not in LOCKED:
                # The file or its folder may have been replaced, or made writable again.
                self._use(self.path)
        except (sqlite3.Error, OSError):
            self._undo()
        return False

    def _undo(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        # What was counted in memory was not written.
        self._stale = True

    def _write(self, batch: Batch) -> None:
        if self._stale:
            self._read(self._connection)
        self._connection.execute("BEGIN IMMEDIATE")
        changed, left_out = self._write_spans(batch.spans)
        lines = [log_row(line, self._names.origin(line)) for line in batch.lines]
        self._connection.executemany(INSERT_LOG, lines)
        for trace_id, pinned in batch.pins.items():
            self._connection.execute(PIN if pinned else UNPIN, (trace_id,))
        summaries = [
            summary_row(entry.number, entry.tally.summary(seq))
            for seq, entry in enumerate(changed.values(), start=self.seq + 1)
        ]
        self._connection.executemany(REPLACE_TRACE, summaries)
        seq = self.seq + len(summaries)
        self._connection.execute("UPDATE progress SET seq = ?", (seq,))
        self._connection.execute("COMMIT")
        self.seq = seq
        self.dropped["trace_too_large"] += left_out["trace_too_large"]
        self.duplicates += left_out["duplicate"]
        self._tallies.touch(changed)

    def _write_spans(self, spans: list[Span]) -> tuple[dict[str, Open], Counter[str]]:
        """The traces that changed, and how many spans were left out for which reason."""
        changed: dict[str, Open] = {}
        left_out: Counter[str] = Counter()
        rows = []
        links: list[tuple[Any, ...]] = []
        now = time.time_ns()
        again: list[tuple[Span, Open]] = []
        names = self._names
        names.begin()
        for span in spans:
            entry = changed.get(span.trace_id) or self._tallies.of(span.trace_id)
            if len(entry.tally.span_ids) >= MAX_SPANS_OF_TRACE:
                left_out["trace_too_large"] += 1
            elif entry.tally.add(span, now):
                changed[span.trace_id] = entry
                links += link_rows(span, entry.number)
                rows.append(span_row(span, entry.number, names.operation(span), names.origin(span)))
            else:
                again.append((span, entry))
        self._connection.executemany(INSERT_SPAN, rows)
        self._connection.executemany(INSERT_LINK, links)
        for span, entry in again:
            if self._write_again(span, entry):
                changed[span.trace_id] = entry
            else:
                left_out["duplicate"] += 1
        return changed, left_out

    def _tidy(self, steps: int | None) -> None:
        try:
            self._forget(steps)
        except (sqlite3.Error, OSError) as error:
            self._mended(0, error)

    def _write_again(self, span: Span, entry: Open) -> bool:
        """Writes a span whose id was there before; False if it is the same span, sent twice."""
        place = (entry.number, self._names.operation(span), self._names.origin(span))
        known = self._connection.execute(SAME_ID, (entry.number, span.span_id)).fetchone()
        second = with_own_id(span)
        if known[1:] == span_row(span, *place) or not entry.tally.add(second, time.time_ns()):
            return False
        self._connection.execute(INSERT_SPAN, span_row(second, *place))
        self._connection.executemany(INSERT_LINK, link_rows(second, entry.number))
        return True

    def _forget(self, steps: int | None) -> None:
        while steps is None or steps > 0:
            room = self._room.look(self._connection, self._limits.max_bytes)
            self._connection.execute("BEGIN IMMEDIATE")
            gone = forget_some(self._connection, self._limits, room)
            if gone and self._names.many:
                self._names = self._names.tidied()
            self._connection.execute("COMMIT")
            self._tallies.drop(gone)
            if not gone:
                return
            steps = steps and steps - 1


def candidates(wanted: Path) -> Iterator[Path]:
    """The file, then fresh ones beside it, at last one in the system's temporary folder."""
    yield wanted
    for count in range(2, MAX_FILES_BESIDE + 1):
        yield wanted.with_stem(f"{wanted.stem}-{count}")
    yield Path(tempfile.mkdtemp(prefix="lens-")) / wanted.name


def is_damage(error: Exception) -> bool:
    return primary(error) in DAMAGE


def primary(error: Exception) -> int:
    """SQLite's code for an error, without its details; 0 for what did not come from SQLite."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
