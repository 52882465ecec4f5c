"""The list of all faults: those applied here, and the default faults of the services."""

from typing import Any

from chaos.control_plane.domain.entry import Entry
from chaos.control_plane.domain.instances import OwnFault
from chaos.control_plane.domain.roles import Caller
from chaos.control_plane.domain.scenario.run import is_rest
from chaos.control_plane.flows.control import Control
from chaos.control_plane.flows.unmatched import why_never

Row = dict[str, Any]


def rows(control: Control, caller: Caller) -> list[Row]:
    """The faults that this caller may see: first those applied here, then the default ones."""
    matched, fired = control.instances.tallies(control.clock())
    found = [applied_row(control, entry) for entry in seen(control, caller)]
    found += [own_row(control, service, own, caller) for service, own in control.book.own()]
    return [row | {"matched": matched[row["id"]], "fired": fired[row["id"]]} for row in found]


def seen(control: Control, caller: Caller) -> list[Entry]:
    """The faults applied here; presenters always see that a scenario replaces all others."""
    found = control.entries(hidden=caller.sees_hidden)
    if caller.is_presenter and caller.guessing:
        found += [entry for entry in control.entries() if is_rest(entry)]
    return found


def row_of(control: Control, caller: Caller, id_: str) -> Row | None:
    """The row of that fault: the one applied here, if there is one."""
    return next((row for row in rows(control, caller) if row["id"] == id_), None)


def applied_row(control: Control, entry: Entry) -> Row:
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
        "why": why_applied(control, entry),
        "warning": why_never(control, entry.fault),
        "fault": entry.fault.model_dump(mode="json", exclude_none=True),
    }


def why_applied(control: Control, entry: Entry) -> str:
    why = f"applied by {entry.owner or 'an unknown caller'} ({entry.source})"
    why += f": {entry.reason}" if entry.reason else ""
    if control.book.is_shadowed(entry):
        return f"{why}; {entry.id} of a service's environment takes precedence"
    under = next((own for _, own in control.book.own() if own.fault.id == entry.id), None)
    return f"{why}; it replaces the one from {under.source}" if under else why


def own_row(control: Control, service: str, own: OwnFault, caller: Caller) -> Row:
    why, hidden = f"default fault of {service}, from {where_from(own)}", caller.sees_hidden
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
        "why": why if rests is None else f"{why}; {rests}",
        "warning": "",
        "fault": own.fault.model_dump(mode="json", exclude_none=True),
    }


def where_from(own: OwnFault) -> str:
    if own.is_from_environment:
        return f"the variable {own.source.removeprefix('environment').strip()}"
    return "chaos/defaults.py"
