"""The faults that are there, those put here and those that services have by themselves."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, Literal

from chaos.control_plane.domain.entry import FILE, Entry, Key, Layers, ids_of, layered, topmost
from chaos.control_plane.domain.hits import HitBook
from chaos.control_plane.domain.instances import Instances, OwnFault
from chaos.control_plane.flows.revisions import Revisions
from chaos.control_plane.store import Keeper, Kept, Profile

AGAIN = 3600.0  # a fault without an end is told of again long before its ttl, 4 hours, is over
LONGEST_NAP = 30.0

log = logging.getLogger("acmeshop")


class FaultBook(Revisions):
    """What there is at the moment. `kept` is written with the faults, by whoever's name."""

    def __init__(
        self,
        keeper: Keeper,
        profiles: Mapping[str, Profile],
        asked: str,
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._keeper, self.profiles, self.clock = keeper, profiles, clock
        self.instances, self.hits = Instances(), HitBook()
        self._changed: dict[str, int] = {}
        self._told_at = clock()
        self._go_on(keeper.read(clock()), asked if asked in profiles else FILE)

    def _go_on(self, kept: Kept, asked: str) -> None:
        """Goes on where the last process left off."""
        self.revision, self.stopped, self.kept = kept.revision, kept.stopped, dict(kept.more)
        self.profile = kept.profile if kept.profile in self.profiles else asked
        given = () if self.stopped else self.profiles[self.profile].entries(self.clock())
        self._layers: Layers = layered([*given, *kept.entries])
        self.hits.secrets.update(e.id for e in kept.entries if e.fault.hidden)
        self._bump(ids_of(self._layers))

    def entries(self, *, hidden: bool = True) -> list[Entry]:
        """The faults that are there now, each id once; or as if the hidden ones were not there."""
        self._expire()
        layers = self._layers.items()
        return topmost({key: one for key, one in layers if hidden or not one.fault.hidden})

    def entry(self, id_: str, *, hidden: bool = True) -> Entry | None:
        return next((one for one in self.entries(hidden=hidden) if one.id == id_), None)

    def number_of(self, owner: str) -> int:
        """How many faults this owner has."""
        return sum(entry.owner == owner for entry in self.entries())

    @property
    def calm(self) -> Literal["no", "defaults", "all"]:
        """Which of the services' own faults rest."""
        return "all" if self.stopped else self.profiles[self.profile].calm

    def snapshot(self) -> dict[str, Any]:
        """All that a process has to know."""
        now = self.clock()
        there = [entry for entry in self.entries() if not self.is_shadowed(entry)]
        faults = [entry.to_send(now).model_dump(mode="json") for entry in there]
        return {"revision": self.revision, "calm": self.calm, "faults": faults}

    def own(self) -> list[tuple[str, OwnFault]]:
        """The faults that services have by themselves, with the service's name."""
        return list(self.instances.own(self.clock()))

    def is_shadowed(self, entry: Entry) -> bool:
        """Whether what an environment asks for comes before it, as before all of a profile."""
        return entry.is_given and entry.id in self._asked_by_environment()

    def rests(self, own: OwnFault, *, hidden: bool = True) -> str | None:
        """Why a service's own fault does nothing; None when it may strike, as far as one knows who
        does not know of the `hidden` ones.
        """
        over = self.entry(own.fault.id, hidden=hidden)
        if over is not None and not self.is_shadowed(over):
            return f"the one from {over.source} takes its place"
        if self.stopped:
            return "it rests since everything was stopped"
        if self.calm == "defaults" and not own.is_from_environment:
            return f"it rests in the profile {self.profile}"
        return None

    def changed_at(self, id_: str) -> int:
        """The revision with which this fault came or changed."""
        return self._changed.get(id_, 0)

    def applied(self, id_: str = "") -> tuple[int, int]:
        """How many processes have this fault as it is now, or else all there is; of how many."""
        revision = self.changed_at(id_) if id_ else self.revision
        return self.instances.applied(revision, self.clock())

    def _asked_by_environment(self) -> frozenset[str]:
        return frozenset(own.fault.id for _, own in self.own() if own.is_from_environment)

    def save(self) -> None:
        """Keeps all that has an end."""
        entries = tuple(self._layers.values())
        self._keeper.write(Kept(self.revision, self.profile, self.stopped, entries, self.kept))

    async def keep_time(self) -> None:
        """Ends each fault when its time is over, and tells again of those that have no end."""
        while not self.ending:
            await self.changed(self.revision, self._nap())
            self.tick()
        await asyncio.Event().wait()

    def tick(self) -> None:
        """Does what is due by now."""
        self._expire()
        if self.clock() - self._told_at > AGAIN:
            self._bump(())

    def _nap(self) -> float:
        ends = min((entry.ends for entry in self._layers.values()), default=inf)
        return min(max(ends - self.clock(), 0.001), LONGEST_NAP)

    def _expire(self) -> None:
        now = self.clock()
        over = [key for key, entry in self._layers.items() if entry.ends <= now]
        self._drop(over, "time", "ended")

    def _drop(self, keys: Iterable[Key], by: str, what: str, *, always: bool = False) -> list[str]:
        gone = list(keys)
        for key in gone:
            del self._layers[key]
        ids = ids_of(gone)
        if ids or always:
            self._bump(ids, by, f"{what} {', '.join(ids) or 'nothing'}")
        return ids

    def _bump(self, ids: Iterable[str], by: str = "", what: str = "") -> None:
        self.revision += 1
        there = self._changed | dict.fromkeys(ids, self.revision)
        self._changed = {id_: there.get(id_, 0) for _, id_ in self._layers}
        self._told_at = self.clock()
        if what:
            log.info("revision %d: %s %s", self.revision, by or "the control plane", what)
        self.save()
        self._ring()
