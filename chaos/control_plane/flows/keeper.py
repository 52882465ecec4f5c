"""Keeps the faults from one life of the control plane to the next, as long as each lasts."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.kept import as_kept, entries_of
from chaos.control_plane.store import FaultFile
from shared.errors import Unavailable

VERSION = 1

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Kept:
    """What is kept; `more` is what others want kept beside, by their names."""

    revision: int = 0
    profile: str = ""
    stopped: bool = False
    entries: tuple[Entry, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


class Keeper:
    """`started` says how the shop was started: what was put and chosen in an earlier start is
    forgotten, and the log says so.
    """

    def __init__(self, file: FaultFile, started: str) -> None:
        self._file, self._started = file, started
        self._works = True

    def write(self, kept: Kept) -> None:
        """When it cannot be written, the log says so once; the faults are there all the same."""
        content = {
            "version": VERSION,
            "started": self._started,
            "revision": kept.revision,
            "profile": kept.profile,
            "stopped": kept.stopped,
            "entries": [as_kept(entry) for entry in lasting(kept.entries)],
            "kept": kept.more,
        }
        try:
            self._file.write(content)
        except Unavailable as error:
            if self._works:
                log.warning("%s; the faults will be forgotten when this process ends", error)
            self._works = False
        else:
            self._works = True

    def read(self, now: float) -> Kept:
        """What is kept and not over by now; nothing when it cannot be used: the log says why."""
        try:
            return self._understood(self._file.read(), now)
        except (Unavailable, ValueError, TypeError, AttributeError) as error:
            aside = self._file.set_aside()
            where = f"; the file is now {aside}" if aside else ""
            log.warning("the faults of last time are lost: %s%s", error, where)
            return Kept()

    def _understood(self, content: Mapping[str, Any], now: float) -> Kept:
        revision, more = int(content.get("revision", 0)), dict(content.get("kept", {}))
        entries = lasting(entries_of(content.get("entries", ())))
        entries = [entry for entry in entries if now < entry.ends]
        if content.get("started") != self._started:
            if entries:
                log.info("the shop was started anew: faults of before forgotten: %d", len(entries))
            return Kept(revision)
        return Kept(
            revision,
            profile=str(content.get("profile", "")),
            stopped=content.get("stopped") is True,
            entries=tuple(entries),
            more=more,
        )


def lasting(entries: Iterable[Entry]) -> list[Entry]:
    """Those that have an end; the others come back with their profile."""
    return [entry for entry in entries if entry.ends < inf]
