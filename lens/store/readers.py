"""A few threads that read, each over its own connection that cannot write."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lens.store.schema import open_for_reading
from lens.store.search import add_functions
from lens.store.writer import Writer, is_damage
from shared.errors import Unavailable

READERS = 3
MAX_SECONDS = 10.0
INSTRUCTIONS_PER_LOOK = 50_000

T = TypeVar("T")


class Readers:
    """Runs functions of a connection off the event loop, each a transaction with a deadline."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="lens-read")
        self._mine = threading.local()
        self._open: set[sqlite3.Connection] = set()
        self._closed = False

    async def read(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What `function` finds; raises Unavailable when it took too long or lens is stopping."""
        if self._closed:
            raise Unavailable("lens is stopping")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, function)

    def close(self) -> None:
        self._closed = True
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return function(connection)
            finally:
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            name = self._writer.path.name
            self._let_go()
            remedy = "; stop lens and delete it to start anew" if is_damage(error) else ""
            raise Unavailable(f"{name} could not be read ({error}){remedy}") from error

    def _connection(self) -> sqlite3.Connection:
        if not self._writer.opened.wait(MAX_SECONDS):
            raise Unavailable("the file of the traces is not open yet")
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        # The writer moves to another file when one turns out to be damaged.
        if connection is None or self._mine.path != self._writer.path:
            self._let_go()
            self._mine.path = self._writer.path
            connection = self._mine.connection = open_for_reading(self._mine.path)
            self._open.add(connection)
            add_functions(connection)
        until = time.monotonic() + MAX_SECONDS
        connection.set_progress_handler(
            lambda: int(self._closed or time.monotonic() > until), INSTRUCTIONS_PER_LOOK
        )
        return connection

    def _let_go(self) -> None:
        connection: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if connection is not None:
            self._mine.connection = None
            self._open.discard(connection)
            connection.close()
