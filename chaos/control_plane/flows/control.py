"""The one place where the faults change: each change is a revision, kept and announced."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chaos.control_plane.domain.entry import (
    FILE,
    Entry,
    Key,
    Layers,
    ids_of,
    is_of,
    key_of,
    layered,
)
from chaos.control_plane.domain.hits import HitBook
from chaos.control_plane.domain.instances import Instances, OwnFault, Report
from chaos.control_plane.flows.fault_book import FaultBook
from chaos.control_plane.flows.revisions import Revisions
from chaos.control_plane.store import CALM, DEFAULT, FaultFile, Keeper, Kept, Profile
from shared.errors import TooManyRequests

MOST = 200
RESEND = 3600.0  # a fault without an end is sent again long before its ttl, 4 hours, is over
LONGEST_NAP = 30.0

log = logging.getLogger("acmeshop")


@dataclass(frozen=True)
class Stopped:
    """What ended: the ids of the removed faults, of the stopped runs, and of the default faults
    that rest from now on.
    """

    removed: list[str]
    runs: list[str]
    defaults: list[str]


class Control:
    """Applies and removes faults in its `book`, and numbers the changes in its `revisions`.

    `profiles` are those that one can choose, `initial` the one that the shop was started with.
    `kept` is what others want kept in the same file. Each of `on_reset` is called with the session
    whose faults were removed, None for all, and returns the ids of the runs that it stopped.
    """

    def __init__(
        self,
        file: FaultFile,
        profiles: Mapping[str, Profile],
        initial: str = DEFAULT,
        *,
        started: str = "",
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock, self.seed = clock, seed
        self.instances, self.hits = Instances(), HitBook()
        self.on_reset: list[Callable[[str | None], list[str]]] = []
        self._keeper = Keeper(file, f"{initial} {started}".strip())
        last = self._keeper.read(clock())
        self.revisions, self.kept = Revisions(last.revision), dict(last.more)
        chosen = initial if initial in profiles else FILE
        self.book = FaultBook(
            profiles,
            last.profile if last.profile in profiles else chosen,
            self.instances,
            clock,
            stopped=last.stopped,
            before=last.before if last.before in profiles else chosen,
        )
        given = {} if last.stopped else self.book.of_profile()
        self.book.layers = given | layered(last.entries)
        self.hits.secrets.update(entry.id for entry in last.entries if entry.fault.hidden)
        self._revise(ids_of(self.book.layers))

    def entries(self, *, hidden: bool = True) -> list[Entry]:
        """The applied faults, each id once; or as if the hidden ones were not there."""
        self._expire()
        return self.book.entries(hidden=hidden)

    def entry(self, id_: str, *, hidden: bool = True) -> Entry | None:
        self._expire()
        return self.book.entry(id_, hidden=hidden)

    def number_of(self, owner: str) -> int:
        """How many faults this owner has."""
        return sum(entry.owner == owner for entry in self.entries())

    def snapshot(self) -> dict[str, Any]:
        """All that a process has to know."""
        self._expire()
        return self.book.snapshot(self.revisions.last)

    def applied(self, id_: str = "") -> tuple[int, int]:
        """How many processes have this fault as it is now, or else all there is; of how many."""
        revision = self.book.changed_at(id_) if id_ else self.revisions.last
        return self.instances.applied(revision, self.clock())

    def put(self, *entries: Entry, by: str = "") -> None:
        """Applies these faults, in place of those with the same ids; one revision for all."""
        self._expire()
        self._set(self.book.layers | layered(entries))
        which = logged(entries, lambda entry: f"{entry.id} ({entry.source}, {entry.scope})")
        self._revise((entry.id for entry in entries), by, f"applied {which}")

    def remove(self, *ids: str, by: str = "") -> list[str]:
        """Removes the topmost faults with these ids; returns which there were."""
        keys = [key_of(entry) for entry in self.entries() if entry.id in ids]
        return self._drop(keys, by, "removed")

    def replace_source(self, source: str, entries: Iterable[Entry], by: str = "") -> None:
        """Applies these faults and no others from that source; one revision for all."""
        self._expire()
        fresh, layers = layered(entries), self.book.layers
        before = {key: entry for key, entry in layers.items() if entry.source == source}
        if fresh == before:
            return
        rest = {key: entry for key, entry in layers.items() if key not in before}
        self._set(rest | fresh)
        other = [key for key in fresh | before if fresh.get(key) != before.get(key)]
        which = logged(fresh.values())
        self._revise(ids_of(other), by, f"applied {which} from {source}")

    def choose(self, name: str, by: str = "") -> None:
        """Chooses a profile; what was applied beside it stays."""
        rest = {key: one for key, one in self.book.layers.items() if not one.is_given}
        given = layered(self.book.profiles[name].entries(self.clock()))
        self._set(rest | given)
        self.book.choose(name)
        self._revise(ids_of(given), by, f"chose the profile {name}")

    def stop(self, session: str | None, by: str = "") -> Stopped:
        """Removes the faults and plans of this session; None: all of them, and the default faults
        rest.
        """
        what = "stopped everything:" if session is None else f"reset the session {session}:"
        defaults = self.book.stop(CALM) if session is None else []
        layers = self.book.layers.items()
        keys = [key for key, entry in layers if session is None or is_of(entry, session)]
        return Stopped(self._drop(keys, by, what, always=True), self._stop_runs(session), defaults)

    def reveal(self, *ids: str) -> None:
        """Shows these faults, and what they did, to everybody."""
        self.hits.secrets.difference_update(ids)
        shown = {
            key: replace(entry, fault=entry.fault.model_copy(update={"hidden": False}))
            for key, entry in self.book.layers.items()
            if entry.id in ids and entry.fault.hidden
        }
        if shown:
            self.book.layers |= shown
            self._revise(ids_of(shown), what=f"revealed {', '.join(ids_of(shown))}")

    def hear(self, report: Report) -> None:
        """Takes in the report of a process."""
        before = self.book.from_environment()
        one = self.instances.of(report.service, report.instance, self.clock())
        one.pid, one.revision = report.pid, report.revision
        one.own = tuple(OwnFault(own.fault, own.source) for own in report.own)
        one.tallies = {id_: (count.matched, count.fired) for id_, count in report.tallies.items()}
        one.overflow, one.waiting, one.routes = report.overflow, report.waiting, report.routes
        self.hits.record(report.service, report.instance, report.hits)
        given = {entry.id for entry in self.book.layers.values() if entry.is_given}
        if other := (before ^ self.book.from_environment()) & given:
            self._revise(other)
        self.revisions.news.notify()

    def polled(self, service: str, instance: str, revision: int) -> None:
        """A process that has this revision asks for the next one."""
        one = self.instances.of(service, instance, self.clock())
        if one.revision != revision:
            one.revision = revision
            self.revisions.news.notify()

    async def keep_time(self) -> None:
        """Ends each fault when its time is over, and sends again those that have no end."""
        while not self.revisions.ending:
            nap = min(max(self.book.seconds_to_next_end(), 0.001), LONGEST_NAP)
            await self.revisions.changed(self.revisions.last, nap)
            self.tick()
        await asyncio.Event().wait()

    def tick(self) -> None:
        """Does what is due by now."""
        self._expire()
        if self.clock() - self._sent_at > RESEND:
            self._revise(())

    def save(self) -> None:
        """Keeps all that has an end."""
        book, entries = self.book, tuple(self.book.layers.values())
        last = Kept(
            self.revisions.last, book.profile, book.stopped, book.before, entries, self.kept
        )
        self._keeper.write(last)

    def _set(self, wanted: Layers) -> None:
        """Replaces the layers, if they are not too many, or fewer than before; a fault that is no
        longer hidden is revealed.
        """
        layers = self.book.layers
        if len(wanted) > max(MOST, len(layers)):
            raise TooManyRequests(f"there are {MOST} faults at most: clear some first")
        for key, entry in wanted.items():
            was = layers.get(key)
            if entry.fault.hidden:
                self.hits.secrets.add(entry.id)
            elif was is not None and was.fault.hidden:
                self.hits.secrets.discard(entry.id)
        self.book.layers = wanted

    def _expire(self) -> None:
        self._drop(self.book.expired(), "time", "ended")

    def _drop(self, keys: Iterable[Key], by: str, what: str, *, always: bool = False) -> list[str]:
        gone = {key: self.book.layers.pop(key) for key in list(keys)}
        ids = ids_of(gone)
        if ids or always:
            self._revise(ids, by, f"{what} {logged(gone.values())}")
        return ids

    def _revise(self, ids: Iterable[str], by: str = "", what: str = "") -> None:
        """Makes a revision in which these faults have changed: kept, logged and announced."""
        revision = self.revisions.next()
        self.book.mark_changed(ids, revision)
        self._sent_at = self.clock()
        if what:
            log.info("revision %d: %s %s", revision, by or "the control plane", what)
        self.save()
        self.revisions.notify()

    def _stop_runs(self, session: str | None) -> list[str]:
        stopped: list[str] = []
        for call in self.on_reset:
            try:
                stopped += call(session)
            except Exception:  # whatever goes wrong there, a reset works
                log.exception("a run could not be stopped")
        return stopped


def logged(
    entries: Iterable[Entry], describe: Callable[[Entry], str] = lambda entry: entry.id
) -> str:
    """Which they are, for the log; of the hidden ones only how many, since whoever looks for the
    cause reads it, too.
    """
    every = list(entries)
    shown = list(dict.fromkeys(describe(entry) for entry in every if not entry.fault.hidden))
    hidden = sum(entry.fault.hidden for entry in every)
    return ", ".join([*shown, *([f"{hidden} hidden"] if hidden else [])]) or "nothing"
