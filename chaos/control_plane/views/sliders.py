"""The sliders: one for errors and one for latency, of each service and each external system."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from chaos.control_plane.views.rows import Row
from chaos.control_plane.views.service_map import outside
from chaos.control_plane.views.wording import duration, percent
from chaos.defaults import DEFAULTS
from chaos.engine.effect import Error, Latency
from chaos.engine.model import Fault, Match, Where
from shared.topology import SERVICES

Kind = Literal["errors", "latency"]
STOPS = (0, 50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10000)
LONGEST_ID = 48


@dataclass(frozen=True)
class Slider:
    """A slider that applies `fault` with the slider's value. At the value `rest` the fault is not
    needed; `value` is a percentage, or an index of STOPS. `source` says where the value is from.
    """

    kind: Kind
    place: str
    fault: Fault
    value: int
    text: str
    rest: int
    source: str

    @property
    def id(self) -> str:
        return f"{self.place}-{self.kind}"

    @property
    def json(self) -> str:
        """The fault, for the page's script."""
        return json.dumps(self.fault.model_dump(mode="json", exclude_none=True))

    @property
    def most(self) -> int:
        return 100 if self.kind == "errors" else len(STOPS) - 1


def places() -> dict[str, str]:
    """What has sliders, in the order of a click's path, and what each is."""
    inside = {service.name: service.is_ for service in SERVICES if service.traced}
    return inside | {name: f"external, called by {caller}" for name, caller in outside().items()}


def sliders(rows: Iterable[Row], session: str) -> dict[str, tuple[Slider, ...]]:
    """The sliders of each place: for everybody, or with a session for that one alone."""
    rows = list(rows)
    return {
        name: tuple(slider(name, fault, rows, session) for fault in (errors(name), latency(name)))
        for name in places()
    }


def slider(name: str, fault: Fault, rows: Iterable[Row], session: str) -> Slider:
    kind: Kind = "latency" if isinstance(fault.effect, Latency) else "errors"
    rows = list(rows)
    own = find(rows, fault.id, lambda row: row.whose == "class" and not row.live)
    row = find(rows, fault.id, lambda row: row.whose == "class" and row.live) or own
    rest = value_of(own, kind)
    if session:
        rest = value_of(row, kind)
        fault = private(fault, session)
        row = find(rows, fault.id, lambda row: row.whose == "mine") or row
    return Slider(kind, name, fault, value_of(row, kind), text_of(row, kind), rest, source_of(row))


def find(rows: Iterable[Row], id_: str, fits: Callable[[Row], bool]) -> Row | None:
    return next((row for row in rows if row.fault.id == id_ and fits(row)), None)


def errors(name: str) -> Fault:
    """The fault by which a place answers with errors: its default fault, if it has one."""
    caller = outside().get(name)
    for service, defaults in DEFAULTS.items():
        for fault in defaults:
            target = fault.where.peer or service
            if target == name and isinstance(fault.effect, Error):
                where = fault.where.model_copy(update={"service": service})
                return fault.model_copy(update={"where": where})
    taken = any(one.id == f"{name}-failure" for one in DEFAULTS.get(name, ()))
    return Fault(
        id=f"{name}-errors" if taken else f"{name}-failure",
        title=f"{name} answers 503",
        where=where_of(name, caller),
        effect=Error(status=503),
    )


def latency(name: str) -> Fault:
    return Fault(
        id=f"{name}-latency",
        title=f"{name} answers late",
        where=where_of(name, outside().get(name)),
        effect=Latency(ms=0),
    )


def where_of(name: str, caller: str | None) -> Where:
    return Where(side="client", service=caller, peer=name) if caller else Where(service=name)


def private(fault: Fault, session: str) -> Fault:
    """The same for one session only, in place of the one for everybody."""
    where = fault.where.model_copy(update={"match": Match(session=session)})
    # Sessions may begin alike: an id that is too long loses its beginning.
    tail = session[-(LONGEST_ID - len(fault.id) - 1) :]
    return fault.model_copy(
        update={"id": f"{fault.id}-{tail}", "where": where, "instead_of": fault.id}
    )


def value_of(row: Row | None, kind: Kind) -> int:
    if row is None or row.rests:
        return 0
    effect = row.fault.effect
    if kind == "errors" or not isinstance(effect, Latency):
        return round(row.fault.rate * 100)
    return nearest(effect.ms) if row.fault.rate else 0


def nearest(ms: float) -> int:
    return min(range(len(STOPS)), key=lambda stop: abs(STOPS[stop] - ms))


def text_of(row: Row | None, kind: Kind) -> str:
    effect = None if row is None or row.rests else row.fault.effect
    rate = row.fault.rate if row is not None and effect is not None else 0
    if kind == "errors":
        return percent(rate)
    return duration(effect.ms) if isinstance(effect, Latency) and rate else "0 ms"


def source_of(row: Row | None) -> str:
    """Where a value comes from; "" without a fault."""
    if row is None or row.rests:
        return ""
    return (
        "only your session" if row.whose == "mine" else "for everybody" if row.live else row.source
    )
