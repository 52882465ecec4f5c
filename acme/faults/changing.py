"""`acme faults set`, `clear`: applies faults, and removes them."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from acme.terminal import did_you_mean
from chaos import describe
from chaos.client import ControlPlane, Rejected
from chaos.engine.reader import FaultError, read_faults
from shared.topology import SERVICES

NOT_FOUND, WRONG = 404, 422
ENDINGS = (".yaml", ".yml", ".json")
NEW = {"failure": {"type": "error", "status": 503}, "latency": {"type": "latency", "ms": 500}}
BY_DEFAULT = (
    "{id_} is a default fault of a service, and cannot be removed: "
    "`.venv/bin/acme faults set {id_} --rate 0` turns it off"
)
Described = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """What to change of a fault; None leaves it as it is."""

    rate: float | None = None
    ms: float | None = None
    status: int | None = None
    session: str | None = None
    ttl: float | None = None
    hidden: bool | None = None

    def of(self, fault: Described) -> Described:
        """The changed fault; for one session it is another one, which replaces the first there."""
        wanted = {"rate": self.rate, "ttl": self.ttl, "hidden": self.hidden}
        fault = {**fault, **{name: value for name, value in wanted.items() if value is not None}}
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
    """Applies all faults of a file, or the one with that id, changed."""
    if what == "-" or what.endswith(ENDINGS):
        found = [fault.model_dump(mode="json", exclude_none=True) for fault in read_file(what)]
    else:
        found = [named(plane, what)]
    for fault in map(change.of, found):
        query = f"?{urlencode({'reason': reason})}" if reason else ""
        row = plane.request("PUT", f"{address(fault['id'])}{query}", fault)
        rate, audience = describe.rate(row["fault"]), describe.audience(row["fault"])
        left = describe.duration(row["expires_in"])
        print(f"{row['id']} applied: {rate} for {audience}, ends in {left}.")
        if row["warning"]:
            print(f"Warning: {row['warning']}.", file=sys.stderr)


def clear(plane: ControlPlane, ids: list[str]) -> None:
    for id_ in ids:
        try:
            plane.request("DELETE", address(id_))
        except Rejected as error:
            if error.status == NOT_FOUND and is_default(plane, id_):
                raise Rejected(NOT_FOUND, BY_DEFAULT.format(id_=id_)) from None
            raise
        print(f"{id_} removed.")


def is_default(plane: ControlPlane, id_: str) -> bool:
    """Whether a service has a default fault with that id."""
    return any(row["id"] == id_ for row in plane.get("/faults", hidden="show")["faults"])


def reset(plane: ControlPlane, scope: str, session: str = "") -> None:
    """Removes "all" faults and runs, or those for one session, "mine"."""
    done = plane.request("POST", "/reset", {"scope": scope})
    removed, runs = ", ".join(done["removed"]) or "nothing", ", ".join(done["stopped_runs"])
    what = f"All faults for session {session}" if session else "All fault injection"
    stopped = f", ended {runs}" if runs else ""
    print(f"{what} stopped: removed {removed}{stopped}.")
    if defaults := ", ".join(done["stopped_defaults"]):
        print(f"The shop's default faults rest, too: {defaults}.")
    if not session:
        print(f"`.venv/bin/acme faults profile {done['put_back']}` puts the default faults back.")


def address(id_: str) -> str:
    return f"/faults/{quote(id_, safe='')}"


def named(plane: ControlPlane, id_: str) -> Described:
    """The fault with that id as it is now; or a new one, if it is called SERVICE-failure or
    SERVICE-latency.
    """
    rows = plane.get("/faults", hidden="show")["faults"]
    for row in rows:
        if row["id"] == id_:
            return dict(describe.placed(row))
    service, _, kind = id_.rpartition("-")
    if service in {row.name for row in SERVICES if row.traced} and kind in NEW:
        return {"id": id_, "where": {"service": service}, "effect": NEW[kind]}
    ids = list(dict.fromkeys(row["id"] for row in rows))
    made = [f"{row.name}-{kind}" for row in SERVICES if row.traced for kind in NEW]
    hint = did_you_mean(id_, dict.fromkeys([*ids, *made])) or (
        f" There are {', '.join(ids) or 'none'}; SERVICE-failure or SERVICE-latency makes a new "
        "one, and so does a file."
    )
    raise Rejected(NOT_FOUND, f"there is no fault {id_} to change.{hint}")


def read_file(file: str) -> Any:
    """The faults of a file, or of standard input."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return read_faults(text)
    except OSError as error:
        raise Rejected(WRONG, f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Rejected(WRONG, f"{file} cannot be read: it is not text") from None
    except FaultError as error:
        raise Rejected(WRONG, f"{file}: {error}") from None
