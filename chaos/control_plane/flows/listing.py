"""All faults there are, those put here and those that services have by themselves, in words."""

from typing import Any

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.instances import OwnFault
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario.run import is_rest
from chaos.control_plane.flows.control import Control

Row = dict[str, Any]


def rows(control: Control, caller: Caller) -> list[Row]:
    """What this caller may see: first what was put here, then what services have by themselves."""
    matched, fired = control.instances.tallies(control.clock())
    found = [put_row(control, entry) for entry in seen(control, caller)]
    found += [own_row(control, service, own, caller) for service, own in control.book.own()]
    return [row | {"matched": matched[row["id"]], "fired": fired[row["id"]]} for row in found]


def seen(control: Control, caller: Caller) -> list[Entry]:
    """The faults that were put here; presenters see always that a scenario has all others rest."""
    there = control.entries(hidden=caller.sees_hidden)
    if caller.is_presenter and caller.guessing:
        there += [entry for entry in control.entries() if is_rest(entry)]
    return there


def row_of(control: Control, caller: Caller, id_: str) -> Row | None:
    """The row of that fault: of what was put here, if there is something."""
    return next((row for row in rows(control, caller) if row["id"] == id_), None)


def put_row(control: Control, entry: Entry) -> Row:
    left = entry.left(control.clock())
    return {
        "id": entry.id,
        "title": entry.fault.title,
        "service": entry.fault.where.service,
        "scope": entry.scope,
        "source": entry.source,
        "state": "active" if not control.book.is_shadowed(entry) else "replaced",
        "owner": entry.owner,
        "reason": entry.reason,
        "since": entry.since,
        "expires_in": None if left is None else round(left, 3),
        "applied": "{}/{}".format(*control.applied(entry.id)),
        "why": why_put(control, entry),
        "fault": entry.fault.model_dump(mode="json", exclude_none=True),
    }


def why_put(control: Control, entry: Entry) -> str:
    told = f"{entry.owner or 'somebody'} put it here ({entry.source})"
    told += f": {entry.reason}" if entry.reason else ""
    if control.book.is_shadowed(entry):
        return f"{told}; the environment's own {entry.id} comes before it"
    under = next((own for _, own in control.book.own() if own.fault.id == entry.id), None)
    return f"{told}; it takes the place of the one from {under.source}" if under else told


def own_row(control: Control, service: str, own: OwnFault, caller: Caller) -> Row:
    told, hidden = f"{service} has it by itself, from {where_from(own)}", caller.sees_hidden
    rests = control.book.rests(own, hidden=hidden)
    replaced = control.entry(own.fault.id, hidden=hidden) is not None and rests is not None
    return {
        "id": own.fault.id,
        "title": own.fault.title,
        "service": service,
        "scope": "class",
        "source": own.source,
        "state": "active" if rests is None else "replaced" if replaced else "resting",
        "owner": service,
        "reason": "",
        "since": None,
        "expires_in": None,
        "applied": "{}/{}".format(*control.applied()),
        "why": told if rests is None else f"{told}; {rests}",
        "fault": own.fault.model_dump(mode="json", exclude_none=True),
    }


def where_from(own: OwnFault) -> str:
    if own.is_from_environment:
        return f"the variable {own.source.removeprefix('environment').strip()}"
    return "chaos/defaults.py"
