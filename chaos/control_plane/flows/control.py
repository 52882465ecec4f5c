"""The one truth about which faults there are: whoever changes it, changes it here."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from chaos.control_plane.domain.entry import Entry, Layers, ids_of, is_of, key_of, layered
from chaos.control_plane.domain.instances import OwnFault, Report
from chaos.control_plane.flows.fault_book import FaultBook
from chaos.control_plane.store import CALM, DEFAULT, FaultFile, Keeper, Profile
from shared.errors import TooManyRequests

MOST = 200

log = logging.getLogger("acmeshop")


class Control(FaultBook):
    """The faults that are there, and what changes them, one revision after the other.

    `profiles` are those that one can choose, `asked` the one that the shop was started with. What
    is in `on_reset` is called with the session whose faults were removed, None for all, and answers
    the ids of the runs that it stopped.
    """

    def __init__(
        self,
        file: FaultFile,
        profiles: Mapping[str, Profile],
        asked: str = DEFAULT,
        *,
        started: str = "",
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(Keeper(file, f"{asked} {started}".strip()), profiles, asked, clock)
        self.seed = seed
        self.on_reset: list[Callable[[str | None], list[str]]] = []

    def put(self, *entries: Entry, by: str = "") -> None:
        """Has these faults, in place of those with the same ids; one revision for all."""
        self._expire()
        self._set(self._layers | layered(entries))
        told = ", ".join(f"{entry.id} ({entry.source}, {entry.scope})" for entry in entries)
        self._bump((entry.id for entry in entries), by, f"put {told}")

    def remove(self, *ids: str, by: str = "") -> list[str]:
        """Removes the faults with these ids that count; answers which there were."""
        gone = [key_of(entry) for entry in self.entries() if entry.id in ids]
        return self._drop(gone, by, "removed")

    def replace_source(self, source: str, entries: Iterable[Entry], by: str = "") -> None:
        """Has these faults and no others from that source; one revision for all."""
        self._expire()
        fresh = layered(entries)
        before = {key: entry for key, entry in self._layers.items() if entry.source == source}
        if fresh == before:
            return
        rest = {key: entry for key, entry in self._layers.items() if key not in before}
        self._set(rest | fresh)
        other = [key for key in fresh | before if fresh.get(key) != before.get(key)]
        told = ", ".join(ids_of(fresh)) or "nothing"
        self._bump(ids_of(other), by, f"has {told} from {source}")

    def choose(self, name: str, by: str = "") -> None:
        """Has this profile from now on; what was put beside it stays."""
        given = layered(self.profiles[name].entries(self.clock()))
        rest = {key: entry for key, entry in self._layers.items() if not entry.is_given}
        self._set(rest | given)
        self.profile, self.stopped = name, False
        self._bump(ids_of(given), by, f"chose the profile {name}")

    def stop(self, session: str | None, by: str = "") -> tuple[list[str], list[str]]:
        """Removes the faults and plans of this session; None: everything, and all rests. Answers
        the faults that are gone, and the runs that were stopped.
        """
        what = "stopped everything:" if session is None else f"reset the session {session}:"
        if session is None:
            self.profile, self.stopped = CALM, True
        of_it = [k for k, entry in self._layers.items() if session is None or is_of(entry, session)]
        return self._drop(of_it, by, what, always=True), self._stopped_runs(session)

    def reveal(self, *ids: str) -> None:
        """Lets everybody see these faults, and what they did."""
        self.hits.secrets.difference_update(ids)
        shown = {
            key: replace(entry, fault=entry.fault.model_copy(update={"hidden": False}))
            for key, entry in self._layers.items()
            if entry.id in ids and entry.fault.hidden
        }
        if shown:
            self._layers |= shown
            self._bump(ids_of(shown), what=f"revealed {', '.join(ids_of(shown))}")

    def hear(self, report: Report) -> None:
        """Takes in what a process tells of itself."""
        before = self._asked_by_environment()
        one = self.instances.of(report.service, report.instance, self.clock())
        one.pid, one.revision = report.pid, report.revision
        one.own = tuple(OwnFault(own.fault, own.source) for own in report.own)
        one.tallies = {id_: (told.matched, told.fired) for id_, told in report.tallies.items()}
        one.overflow, one.waiting = report.overflow, report.waiting
        self.hits.note(report.service, report.instance, report.hits)
        given = {entry.id for entry in self._layers.values() if entry.is_given}
        if other := (before ^ self._asked_by_environment()) & given:
            self._bump(other)
        self.news.ring()

    def polled(self, service: str, instance: str, revision: int) -> None:
        """A process asks for what is newer than this revision, which it has."""
        one = self.instances.of(service, instance, self.clock())
        if one.revision != revision:
            one.revision = revision
            self.news.ring()

    def _set(self, wanted: Layers) -> None:
        """Has these, if they are not too many, or fewer than before; a fault that is hidden no
        longer is revealed.
        """
        if len(wanted) > max(MOST, len(self._layers)):
            raise TooManyRequests(f"there are {MOST} faults at most: clear some first")
        for key, entry in wanted.items():
            was = self._layers.get(key)
            if entry.fault.hidden:
                self.hits.secrets.add(entry.id)
            elif was is not None and was.fault.hidden:
                self.hits.secrets.discard(entry.id)
        self._layers = wanted

    def _stopped_runs(self, session: str | None) -> list[str]:
        stopped: list[str] = []
        for call in self.on_reset:
            try:
                stopped += call(session)
            except Exception:  # whatever it is, a reset works
                log.exception("a run could not be stopped")
        return stopped
