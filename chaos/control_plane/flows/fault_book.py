"""The faults in force: those applied here, and the default faults of the services."""

from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import Any, Literal

from chaos.control_plane.domain.entry import Entry, Key, Layers, layered, topmost
from chaos.control_plane.domain.instances import Instances, OwnFault
from chaos.control_plane.store import Profile


class FaultBook:
    """What is applied, layer over layer, which profile is chosen, and whether all is stopped; then
    `before` is the profile that was chosen until then.
    """

    def __init__(
        self,
        profiles: Mapping[str, Profile],
        profile: str,
        instances: Instances,
        clock: Callable[[], float],
        *,
        stopped: bool = False,
        before: str = "",
    ) -> None:
        self.profiles, self.profile, self.stopped = profiles, profile, stopped
        self.before = before or profile
        self.instances, self._clock = instances, clock
        self.layers: Layers = {}
        self._changed: dict[str, int] = {}

    def entries(self, *, hidden: bool = True) -> list[Entry]:
        """The applied faults, each id once; or as if the hidden ones were not there."""
        layers = self.layers.items()
        return topmost({key: one for key, one in layers if hidden or not one.fault.hidden})

    def entry(self, id_: str, *, hidden: bool = True) -> Entry | None:
        return next((one for one in self.entries(hidden=hidden) if one.id == id_), None)

    def of_profile(self) -> Layers:
        """The faults of the chosen profile."""
        return layered(self.profiles[self.profile].entries(self._clock()))

    def expired(self) -> list[Key]:
        now = self._clock()
        return [key for key, entry in self.layers.items() if entry.ends <= now]

    def seconds_to_next_end(self) -> float:
        """Infinite when no fault has an end."""
        return min((entry.ends for entry in self.layers.values()), default=inf) - self._clock()

    @property
    def calm(self) -> Literal["no", "defaults", "all"]:
        """Which of the services' default faults rest."""
        return "all" if self.stopped else self.profiles[self.profile].calm

    def snapshot(self, revision: int) -> dict[str, Any]:
        """All that a process has to know."""
        now = self._clock()
        sent = [entry for entry in self.entries() if not self.is_shadowed(entry)]
        faults = [entry.to_send(now).model_dump(mode="json") for entry in sent]
        return {"revision": revision, "calm": self.calm, "faults": faults}

    def own(self) -> list[tuple[str, OwnFault]]:
        """The default faults of the services, with the service's name."""
        return list(self.instances.own(self._clock()))

    def from_environment(self) -> frozenset[str]:
        """The ids of the default faults that a service's environment sets."""
        return frozenset(own.fault.id for _, own in self.own() if own.is_from_environment)

    def is_shadowed(self, entry: Entry) -> bool:
        """Whether a service's environment sets the fault: it takes precedence over a profile."""
        return entry.is_given and entry.id in self.from_environment()

    def rests(self, own: OwnFault, *, hidden: bool = True) -> str | None:
        """Why a default fault is not in force; None when it is, as far as one knows who does not
        know of the `hidden` ones.
        """
        over = self.entry(own.fault.id, hidden=hidden)
        if over is not None and not self.is_shadowed(over):
            return f"the one from {over.source} replaces it"
        if self.stopped:
            return "it rests since everything was stopped"
        if self.calm == "defaults" and not own.is_from_environment:
            return f"it rests in the profile {self.profile}"
        return None

    def choose(self, name: str) -> None:
        self.profile = self.before = name
        self.stopped = False

    def stop(self, name: str) -> list[str]:
        """Has the default faults rest, with that profile; returns the ids of those in force."""
        stopping = [own.fault for _, own in self.own() if self.rests(own) is None]
        self.profile, self.stopped = name, True
        return list(dict.fromkeys(fault.id for fault in stopping if fault.can_fire))

    def mark_changed(self, ids: Iterable[str], revision: int) -> None:
        marked = self._changed | dict.fromkeys(ids, revision)
        self._changed = {id_: marked.get(id_, 0) for _, id_ in self.layers}

    def changed_at(self, id_: str) -> int:
        """The revision with which this fault came or changed."""
        return self._changed.get(id_, 0)
