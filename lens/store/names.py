"""Numbers for what many spans share: their operation, and the resource and scope they come from."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from lens.store.rows import origin_text, to_json
from traces.model import PLAIN, LogLine, Origin, Span

MANY = 4_096


class Names:
    """Looks numbers up in memory and adds a row where there is none yet."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT service, name, kind, id FROM operation")
        self._operations: dict[tuple[Any, ...], int] = {row[:3]: row[3] for row in rows}
        rows = connection.execute(
            "SELECT resource, scope, scope_version, coalesce(more, ''), id FROM origin"
        )
        self._origins: dict[tuple[Any, ...], int] = {row[:4]: row[4] for row in rows}
        self._texts: dict[int, str] = {}
        self._bound = MANY + 2 * (len(self._operations) + len(self._origins))

    def begin(self) -> None:
        """Starts a batch: within one, the same resource object is turned into text only once."""
        self._texts.clear()

    def operation(self, span: Span) -> int:
        key = (span.service, span.name, span.kind)
        number = self._operations.get(key)
        if number is None:
            sql = "INSERT INTO operation (service, name, kind) VALUES (?, ?, ?)"
            number = self._operations[key] = self._added(sql, key)
        return number

    def origin(self, recorded: Span | LogLine) -> int:
        more = "" if recorded.origin is PLAIN else self._more(recorded.origin)
        key = (self._text(recorded.resource), recorded.scope, recorded.scope_version, more)
        number = self._origins.get(key)
        if number is None:
            sql = "INSERT INTO origin (resource, scope, scope_version, more) VALUES (?, ?, ?, ?)"
            number = self._origins[key] = self._added(sql, key)
        return number

    @property
    def many(self) -> bool:
        return len(self._operations) + len(self._origins) > self._bound

    def tidied(self) -> "Names":
        """Deletes the rows no span and no log line uses any more; the names that are left."""
        self._connection.execute(
            "DELETE FROM operation WHERE id NOT IN (SELECT DISTINCT operation FROM span)"
        )
        self._connection.execute(
            "DELETE FROM origin WHERE id NOT IN (SELECT DISTINCT origin FROM span"
            " UNION SELECT DISTINCT origin FROM log WHERE origin IS NOT NULL)"
        )
        return Names(self._connection)

    def _text(self, resource: Mapping[str, Any]) -> str:
        text = self._texts.get(id(resource))
        if text is None:
            text = self._texts[id(resource)] = to_json(resource)
        return text

    def _more(self, origin: Origin) -> str:
        text = self._texts.get(id(origin))
        if text is None:
            text = self._texts[id(origin)] = origin_text(origin)
        return text

    def _added(self, sql: str, key: tuple[Any, ...]) -> int:
        number = self._connection.execute(sql, key).lastrowid
        assert number is not None
        return number
