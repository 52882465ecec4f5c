"""The one thread that writes: takes from the inbox, commits, forgets, notifies."""

import logging
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from lens.store.inbox import Batch, Inbox
from lens.store.names import Names
from lens.store.notifier import Notifier
from lens.store.retention import Limits, forget_some
from lens.store.rows import log_row, span_row, summary_row
from lens.store.schema import open_for_writing
from lens.store.tallies import Open, Tallies
from traces.model import Span

log = logging.getLogger(__name__)

MAX_SPANS_OF_TRACE = 50_000
MAX_FILES_BESIDE = 9
STEPS_PER_COMMIT = 8
# A statement that cannot be carried out, or a value that SQLite has no column type for.
REFUSED = (sqlite3.Error, OverflowError, ValueError)
INSERT_SPAN = "INSERT INTO span VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_LOG = "INSERT INTO log VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)"
REPLACE_TRACE = "INSERT OR REPLACE INTO trace VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Writer:
    """Owns the file. Other threads may read its counters; only its own thread changes them."""

    def __init__(self, path: Path, limits: Limits, inbox: Inbox, notifier: Notifier) -> None:
        self.path = path
        self._wanted = path
        self._damaged: set[Path] = set()
        self.seq = 0
        self.written = 0
        self.dropped = 0
        self.opened = threading.Event()
        self._limits = limits
        self._inbox = inbox
        self._notifier = notifier
        self._thread = threading.Thread(target=self._run, name="lens-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        self._open()
        self._forget(steps=None)
        while (batch := self._inbox.take()) is not None:
            try:
                self._write(batch)
                self._forget(STEPS_PER_COMMIT)
            except REFUSED as error:
                self._undo(batch, error)
            self.written = batch.ticket
            self._notifier.notify()
        self._connection.close()

    def _open(self) -> None:
        for path in candidates(self._wanted):
            if path in self._damaged:
                continue
            connection = None
            try:
                connection = self._connection = open_for_writing(path)
                self._read_on(path)
            except (sqlite3.Error, OSError) as error:
                if connection is not None:
                    connection.close()
                log.warning("%s cannot be used (%s); a fresh file is used instead", path, error)
            else:
                return
        raise OSError(f"no file for traces could be opened, from {self._wanted} on")

    def _read_on(self, path: Path) -> None:
        self._names = Names(self._connection)
        self._tallies = Tallies(self._connection)
        stored = self._connection.execute("SELECT seq FROM progress").fetchone()[0]
        self.seq = max(self.seq, stored)
        self.path = path
        self.opened.set()

    def _write(self, batch: Batch) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        changed = self._write_spans(batch.spans)
        self._connection.executemany(INSERT_LOG, map(log_row, batch.lines))
        summaries = [
            summary_row(entry.number, entry.tally.summary(seq))
            for seq, entry in enumerate(changed.values(), start=self.seq + 1)
        ]
        self._connection.executemany(REPLACE_TRACE, summaries)
        seq = self.seq + len(summaries)
        self._connection.execute("UPDATE progress SET seq = ?", (seq,))
        self._connection.execute("COMMIT")
        self.seq = seq
        self._tallies.touch(changed)

    def _write_spans(self, spans: list[Span]) -> dict[str, Open]:
        changed: dict[str, Open] = {}
        rows = []
        names = self._names
        names.begin()
        for span in spans:
            entry = changed.get(span.trace_id) or self._tallies.of(span.trace_id)
            if len(entry.tally.span_ids) >= MAX_SPANS_OF_TRACE:
                self.dropped += 1
            elif entry.tally.add(span):
                changed[span.trace_id] = entry
                rows.append(span_row(span, entry.number, names.operation(span), names.origin(span)))
        self._connection.executemany(INSERT_SPAN, rows)
        return changed

    def _forget(self, steps: int | None) -> None:
        while steps is None or steps > 0:
            self._connection.execute("BEGIN IMMEDIATE")
            gone = forget_some(self._connection, self._limits)
            if gone and self._names.many:
                self._names = self._names.tidied()
            self._connection.execute("COMMIT")
            self._tallies.drop(gone)
            if not gone:
                return
            steps = steps and steps - 1

    def _undo(self, batch: Batch, error: Exception) -> None:
        self.dropped += len(batch)
        log.warning("%d spans and log lines could not be written: %s", len(batch), error)
        if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
            self._damaged.add(self.path)
            self._connection.close()
            self._open()
            return
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        # What was counted in memory was not written.
        self._read_on(self.path)


def candidates(wanted: Path) -> Iterator[Path]:
    """The file, then fresh ones beside it, at last one in the system's temporary folder."""
    yield wanted
    for count in range(2, MAX_FILES_BESIDE + 1):
        yield wanted.with_stem(f"{wanted.stem}-{count}")
    yield Path(tempfile.mkdtemp(prefix="lens-")) / wanted.name


def is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
