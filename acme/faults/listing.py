"""`acme faults list`: every fault there is, with what it did."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from acme.faults.control import ControlPlane
from acme.faults.words import lasts, place, placed, share, what, whom

HEAD = ("fault", "where", "what", "how often", "for", "fired", "left", "state")
RIGHT = ("how often", "fired", "left")
RUN = "scenario:"
WIDE = 200  # where it is no terminal, nothing is to be cut off
Row = Mapping[str, Any]


def show(plane: ControlPlane, *, why: bool, raw: bool) -> None:
    """Prints the list; `why` adds where each value comes from, `raw` prints it as it came."""
    found = plane.get("/faults")
    if raw:
        print(json.dumps(found, indent=2))
        return
    if found["faults"]:
        width = None if sys.stdout.isatty() else WIDE
        Console(width=width).print(table(found["faults"]))
    for sentence in reasons(found["faults"]) if why else ():
        print(sentence)
    print(summary(found))


def table(rows: list[Row]) -> Table:
    out = Table(*HEAD, box=None, pad_edge=False)
    for column in out.columns:
        column.justify = "right" if column.header in RIGHT else "left"
        column.overflow = "fold"
    for row in rows:
        out.add_row(*cells(row), style="" if row["state"] == "active" else "dim")
    return out


def cells(row: Row) -> tuple[str, ...]:
    fault = placed(row)
    fired = f"{row['fired']} of {row['matched']}"
    of = (place(fault), what(fault), share(fault), whom(fault))
    return row["id"], *of, fired, lasts(row["expires_in"]), state(row)


def state(row: Row) -> str:
    """`active`, `resting`; `active 9/12` where it has not reached all processes yet."""
    has, all_ = row["applied"].split("/")
    late = row["state"] == "active" and has != all_
    return f"active {row['applied']}" if late else str(row["state"])


def reasons(rows: list[Row]) -> Iterator[str]:
    """Where each value comes from, in the order of who wins."""
    for row in rows:
        yield f"{row['id']}: {share(row['fault'])}, {row['state']}. {why(row)}."


def why(row: Row) -> str:
    """Where it comes from; who owns a fault of a scenario is whom it strikes, and put nothing."""
    if row["source"].startswith(RUN):
        return f"{row['reason']} has it, run {row['source'].removeprefix(RUN)}"
    return str(row["why"])


def summary(found: Row) -> str:
    active = sum(row["state"] == "active" for row in found["faults"])
    stopped = ", everything was stopped" if found["stopped"] else ""
    return (
        f"{active} active; the profile is {found['profile']}{stopped}; "
        f"revision {found['revision']}, applied by {found['applied']} processes."
    )
