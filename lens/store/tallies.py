"""The traces being written to, in memory: a late span needs no second look at the others."""

import sqlite3
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from traces.model import Span
from traces.summary import Tally

MAX_SPAN_IDS = 50_000


@dataclass
class Open:
    """A trace under its arrival number."""

    number: int
    tally: Tally


class Tallies:
    """The most recently touched traces; others are read back when a span of theirs comes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._open: OrderedDict[str, Open] = OrderedDict()
        last = connection.execute("SELECT max(id) FROM trace").fetchone()[0]
        self._last_number: int = last or 0

    def of(self, trace_id: str) -> Open:
        """The trace with this id, new or as it was last written."""
        found = self._open.get(trace_id)
        if found is None:
            found = self._open[trace_id] = self._read(trace_id)
        return found

    def touch(self, trace_ids: Iterable[str]) -> None:
        """Keeps these and lets the least recent others go, down to the limit."""
        for trace_id in trace_ids:
            self._open.move_to_end(trace_id)
        kept = sum(len(entry.tally.span_ids) for entry in self._open.values())
        while kept > MAX_SPAN_IDS and len(self._open) > 1:
            _, gone = self._open.popitem(last=False)
            kept -= len(gone.tally.span_ids)

    def drop(self, trace_ids: Iterable[str]) -> None:
        """Lets these go, because they are no longer in the file."""
        for trace_id in trace_ids:
            self._open.pop(trace_id, None)

    def _read(self, trace_id: str) -> Open:
        tally = Tally(trace_id)
        row = self._connection.execute(
            "SELECT id, start_ns FROM trace WHERE trace_id = ?", (trace_id,)
        )
        known = row.fetchone()
        if known is None:
            self._last_number += 1
            return Open(self._last_number, tally)
        number, tally.arrived_ns = known
        spans = self._connection.execute(
            "SELECT s.span_id, s.parent_id, o.service, o.name, o.kind, s.start_ns, s.end_ns,"
            " s.status"
            " FROM span s JOIN operation o ON o.id = s.operation WHERE s.trace = ? ORDER BY s.id",
            (number,),
        )
        now = time.time_ns()
        for span in spans:
            tally.add(Span(trace_id, *span), now)
        return Open(number, tally)
