"""The processes of the shop, by what they report of themselves."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chaos.engine.model import Fault

Text = Annotated[str, Field(max_length=500)]
Number = Annotated[int, Field(ge=0, lt=2**63)]
Real = Annotated[float, Field(allow_inf_nan=False)]


class ReportPart(BaseModel):
    """A part of a report; what a newer process adds is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ReportedFault(ReportPart):
    fault: Fault
    source: Text


class ReportedTally(ReportPart):
    matched: Number = 0
    fired: Number = 0


class ReportedHit(ReportPart):
    """A fault that matched somewhere: `fired` or not. `delay` is in seconds, `at` a unix time."""

    fault: Text
    type: Text = ""
    place: Text = ""
    revision: int = 0
    trace_id: Text = ""
    span_id: Text = ""
    session: Text = ""
    step: Text = ""
    hop: Text = ""
    attempt: int = 0
    delay: Real = 0.0
    fired: bool = True
    draw: Real | None = None
    rate: Real | None = None
    at: Real = 0.0


class Report(ReportPart):
    service: Annotated[str, Field(min_length=1, max_length=200)]
    instance: Annotated[str, Field(min_length=1, max_length=200)]
    pid: Number = 0
    revision: Number = 0
    own: Annotated[tuple[ReportedFault, ...], Field(max_length=200)] = ()
    tallies: Annotated[dict[Text, ReportedTally], Field(max_length=1000)] = Field(
        default_factory=dict
    )
    routes: Annotated[tuple[Text, ...], Field(max_length=500)] = ()
    overflow: Number = 0
    waiting: Number = 0
    hits: Annotated[tuple[ReportedHit, ...], Field(max_length=1000)] = ()


TIMEOUT = 15.0


@dataclass(frozen=True)
class OwnFault:
    """A default fault of a service, and its source: "topology", or "environment VARIABLE"."""

    fault: Fault
    source: str

    @property
    def is_from_environment(self) -> bool:
        return self.source.startswith("environment")


@dataclass
class Instance:
    """One process. `revision` is what it has applied, `heard` when it last sent anything."""

    service: str
    instance: str
    pid: int = 0
    revision: int = 0
    heard: float = 0.0
    own: tuple[OwnFault, ...] = ()
    tallies: dict[str, tuple[int, int]] = field(default_factory=dict)
    routes: tuple[str, ...] = ()
    overflow: int = 0
    waiting: int = 0


class Instances:
    """The processes that sent something within `TIMEOUT` seconds; the others are gone."""

    def __init__(self) -> None:
        self._known: dict[str, Instance] = {}

    def of(self, service: str, instance: str, now: float) -> Instance:
        """The process with that id, which has just sent something."""
        found = self._known.setdefault(instance, Instance(service, instance))
        found.heard = now
        self._known = {id_: one for id_, one in self._known.items() if now - one.heard <= TIMEOUT}
        return found

    def present(self, now: float) -> list[Instance]:
        here = (one for one in self._known.values() if now - one.heard <= TIMEOUT)
        return sorted(here, key=lambda one: (one.service, one.instance))

    def applied(self, revision: int, now: float) -> tuple[int, int]:
        """How many have applied this revision or a later one, and of how many."""
        here = self.present(now)
        return sum(one.revision >= revision for one in here), len(here)

    def own(self, now: float) -> Iterator[tuple[str, OwnFault]]:
        """The default faults of the services, each once, with the service's name."""
        seen: set[tuple[str, str]] = set()
        for one in self.present(now):
            for own in one.own:
                if (key := (one.service, own.fault.id)) not in seen:
                    seen.add(key)
                    yield one.service, own

    def routes(self, services: Collection[str], now: float) -> set[tuple[str, str]]:
        """Methods and templates of these services; none where one of them has not reported its own
        yet.
        """
        reported = {one.service: one.routes for one in self.present(now) if one.routes}
        if not set(services) <= reported.keys():
            return set()
        routes = (route for service in services for route in reported[service])
        return {(method, path) for method, _, path in (route.partition(" ") for route in routes)}

    def tallies(self, now: float) -> tuple[Counter[str], Counter[str]]:
        """How often each fault matched, and fired, in the processes that are present."""
        matched: Counter[str] = Counter()
        fired: Counter[str] = Counter()
        for one in self.present(now):
            for id_, (matches, fires) in one.tallies.items():
                matched[id_] += matches
                fired[id_] += fires
        return matched, fired
