"""Faults put in place and taken away again."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from acme.faults.control import ControlPlane, Rejected
from acme.faults.words import lasts, placed, share, whom
from chaos.engine.reader import FaultError, read_faults
from shared.topology import SERVICES

NOT_FOUND, WRONG = 404, 422
ENDINGS = (".yaml", ".yml", ".json")
MADE = {"failure": {"type": "error", "status": 503}, "latency": {"type": "latency", "ms": 500}}
OWN = (
    "no fault {id_} was put here; a service has it by itself: "
    "`.venv/bin/acme faults set {id_} --rate 0` has it rest"
)
Described = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What is to be otherwise than it is; None where nothing was said."""

    rate: float | None = None
    ms: float | None = None
    status: int | None = None
    session: str | None = None
    ttl: float | None = None
    hidden: bool | None = None

    def of(self, fault: Described) -> Described:
        """The fault, so changed; for one session it is another fault, in the first one's place."""
        told = {"rate": self.rate, "ttl": self.ttl, "hidden": self.hidden}
        fault = {**fault, **{name: value for name, value in told.items() if value is not None}}
        if self.rate is not None:
            fault = {key: value for key, value in fault.items() if key not in {"hits", "ramp"}}
        changed = {"ms": self.ms, "status": self.status}
        given = {name: value for name, value in changed.items() if value is not None}
        fault["effect"] = {**fault["effect"], **given}
        return fault if self.session is None else only_for(self.session, fault)


def only_for(session: str, fault: Described) -> Described:
    where = dict(fault.get("where") or {})
    where["match"] = {**(where.get("match") or {}), "session": session}
    return {
        **fault,
        "id": f"{fault['id']}-{session}",
        "where": where,
        "instead_of": fault["id"],
    }


def put(plane: ControlPlane, what: str, change: Change, reason: str) -> None:
    """Puts all faults of a file, or the one with that id, changed."""
    if what == "-" or what.endswith(ENDINGS):
        found = [fault.model_dump(mode="json", exclude_none=True) for fault in written(what)]
    else:
        found = [named(plane, what)]
    for fault in map(change.of, found):
        why = f"?{urlencode({'reason': reason})}" if reason else ""
        row = plane.ask("PUT", f"{address(fault['id'])}{why}", fault)
        told = f"{share(row['fault'])} for {whom(row['fault'])}, ends in {lasts(row['expires_in'])}"
        print(f"{row['id']} is there: {told}.")


def clear(plane: ControlPlane, ids: list[str]) -> None:
    for id_ in ids:
        try:
            plane.ask("DELETE", address(id_))
        except Rejected as error:
            if error.status == NOT_FOUND and is_own(plane, id_):
                raise Rejected(NOT_FOUND, OWN.format(id_=id_)) from None
            raise
        print(f"{id_} is gone.")


def is_own(plane: ControlPlane, id_: str) -> bool:
    """Whether a service has a fault with that id by itself."""
    return any(row["id"] == id_ for row in plane.get("/faults")["faults"])


def reset(plane: ControlPlane, scope: str, session: str = "") -> None:
    """Removes "all" that anybody has ordered, or what is for one session, "mine"."""
    done = plane.ask("POST", "/reset", {"scope": scope})
    removed, runs = ", ".join(done["removed"]) or "nothing", ", ".join(done["stopped_runs"])
    whose = f"for session {session}" if session else "on purpose"
    stopped = f", stopped {runs}" if runs else ""
    print(f"Nothing fails {whose} any more: removed {removed}{stopped}.")


def address(id_: str) -> str:
    return f"/faults/{quote(id_, safe='')}"


def named(plane: ControlPlane, id_: str) -> Described:
    """The fault with that id as it is now; or, called SERVICE-failure or SERVICE-latency, one that
    was not there yet.
    """
    rows = plane.get("/faults")["faults"]
    for row in rows:
        if row["id"] == id_:
            return dict(placed(row))
    service, _, kind = id_.rpartition("-")
    if service in {row.name for row in SERVICES if row.traced} and kind in MADE:
        return {"id": id_, "where": {"service": service}, "effect": MADE[kind]}
    known = ", ".join(dict.fromkeys(row["id"] for row in rows)) or "none"
    raise Rejected(
        NOT_FOUND,
        f"there is no fault {id_} to change: there are {known}; a file has new ones, and "
        "SERVICE-failure or SERVICE-latency makes one",
    )


def written(file: str) -> Any:
    """The faults of a file, or of the standard input."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return read_faults(text)
    except OSError as error:
        raise Rejected(WRONG, f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Rejected(WRONG, f"{file} cannot be read: it is no text") from None
    except FaultError as error:
        raise Rejected(WRONG, f"{file}: {error}") from None
