"""A time in which nothing can be written: known to who takes spans, said once in the log."""

import logging
import time
from pathlib import Path

log = logging.getLogger(__name__)


class Outage:
    """Begins with a write that failed and ends with one that did not; true while it lasts.

    `reason` says why, and `refused` counts the requests of all outages that were sent away.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.refused = 0
        self._since = 0.0
        self._refused_before = 0

    def __bool__(self) -> bool:
        return bool(self.reason)

    def begin(self, path: Path, error: Exception | None, waiting: int) -> None:
        """Says so if it is new; `waiting` spans and log lines had been taken already."""
        new, self.reason = not self.reason, f"{path.name} cannot be written ({error})"
        if not new:
            return
        self._since, self._refused_before = time.monotonic(), self.refused
        log.warning(
            "%s cannot be written (%s): whoever sends spans is answered with 503 until it can be;"
            " %d spans and log lines that were taken before wait in memory",
            path,
            error,
            waiting,
        )

    def end(self, path: Path) -> None:
        """Says so if there is one."""
        if not self.reason:
            return
        self.reason = ""
        log.warning(
            "%s is written again after %.1f s: what waited in memory is kept; %d requests were"
            " answered with 503",
            path,
            time.monotonic() - self._since,
            self.refused - self._refused_before,
        )
