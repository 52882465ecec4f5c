"""`acme faults list` and `watch`: every fault with what it did, and each change as it happens."""

import json
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime
from typing import Any

from acme.terminal import columns
from chaos import describe
from chaos.client import ControlPlane

HEAD = ("fault", "where", "what", "how often", "for", "fired", "left", "state")
RIGHT = ("how often", "fired", "left")
RUN = "scenario:"
Row = Mapping[str, Any]


def show(found: Row, *, why: bool) -> None:
    """Prints the list as the API has it; `why` adds where each value comes from."""
    if found["faults"]:
        print(columns(HEAD, [cells(row) for row in found["faults"]], right=RIGHT))
    for row in found["faults"]:
        if row["warning"]:
            print(f"{row['id']}: {row['warning']}.")
    for sentence in reasons(found["faults"]) if why else ():
        print(sentence)
    print(summary(found))


def cells(row: Row) -> tuple[str, ...]:
    fault = describe.placed(row)
    return (
        row["id"],
        describe.place(fault),
        describe.effect(fault),
        describe.rate(fault),
        describe.audience(fault),
        f"{row['fired']} of {row['matched']}",
        describe.duration(row["expires_in"]),
        state(row),
    )


def state(row: Row) -> str:
    """`active`, `resting`; `active 9/12` while it has not reached all processes yet."""
    has, all_ = row["applied"].split("/")
    partial = row["state"] == "active" and has != all_
    return f"active {row['applied']}" if partial else str(row["state"])


def reasons(rows: list[Row]) -> Iterator[str]:
    """Where each value comes from, in the order of precedence."""
    for row in rows:
        yield f"{row['id']}: {describe.rate(row['fault'])}, {row['state']}. {origin(row)}."


def origin(row: Row) -> str:
    """Where a fault comes from; the owner of a scenario's fault is its session only."""
    if row["source"].startswith(RUN):
        return f"{row['reason']} applied it, run {row['source'].removeprefix(RUN)}"
    return str(row["why"])


def summary(found: Row) -> str:
    active = sum(row["state"] == "active" for row in found["faults"])
    stopped = ", everything was stopped" if found["stopped"] else ""
    return (
        f"{active} active; the profile is {found['profile']}{stopped}; "
        f"revision {found['revision']}, applied by {found['applied']} processes."
    )


def events(
    plane: ControlPlane, *, hidden: bool = False
) -> Generator[tuple[str, Mapping[str, Any]], None, None]:
    """Each event of the control plane as it happens: its kind and what it carries."""
    kind = ""
    for line in plane.lines("/events?hidden=show" if hidden else "/events"):
        field, _, value = line.partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            yield kind, json.loads(value)


def happenings(plane: ControlPlane, *, hidden: bool = False) -> Generator[str, None, None]:
    """A line for each change and each hit."""
    for kind, news in events(plane, hidden=hidden):
        yield from lines_of(kind, news)


def lines_of(kind: str, news: Mapping[str, Any]) -> Iterator[str]:
    if kind == "change":
        stopped = ", everything was stopped" if news["stopped"] else ""
        yield (
            f"{clock()} revision {news['revision']}, profile {news['profile']}{stopped}, "
            f"applied by {news['applied']}"
        )
    for hit in news.get("hits", ()):
        session = f", session {hit['session']}" if hit["session"] else ""
        where = f"{hit['fault']} at {hit['place']} in {hit['service']}{session}"
        trace = f", trace {hit['trace_id']}" if hit["trace_id"] else ""
        yield f"{clock(hit['at'])} {where}: {because(hit)}{trace}"


def because(hit: Row) -> str:
    """Why a fault fired, or did not, where it matched."""
    draw, rate = hit["draw"], hit["rate"]
    if draw is None or rate is None:
        return (
            "its hits are listed, and this is one" if hit["fired"] else "this is none of its hits"
        )
    if draw < rate and not hit["fired"]:
        return f"its draw {draw:.4f} is below its rate {rate:g}, but another fault ended the work"
    return f"its draw {draw:.4f} is {'below' if draw < rate else 'not below'} its rate {rate:g}"


def clock(at: float | None = None) -> str:
    moment = datetime.fromtimestamp(at).astimezone() if at else datetime.now().astimezone()
    return f"{moment:%H:%M:%S}"
