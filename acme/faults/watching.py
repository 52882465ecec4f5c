"""`acme faults watch`: what happens, as it happens."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from acme.faults.control import ControlPlane
from acme.faults.explaining import because


def watch(plane: ControlPlane) -> None:
    """Prints a line for each change and each hit, until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        for line in happenings(plane):
            print(line, flush=True)


def happenings(plane: ControlPlane) -> Generator[str, None, None]:
    kind = ""
    for line in plane.lines("/events"):
        field, _, value = line.partition(": ")
        if field == "event":
            kind = value
        elif field == "data":
            yield from told(kind, json.loads(value))


def told(kind: str, news: Mapping[str, Any]) -> Iterator[str]:
    if kind == "change":
        stopped = ", everything was stopped" if news["stopped"] else ""
        yield (
            f"{clock()} revision {news['revision']}, profile {news['profile']}{stopped}, "
            f"applied by {news['applied']}"
        )
    for hit in news.get("hits", ()):
        whose = f", session {hit['session']}" if hit["session"] else ""
        where = f"{hit['fault']} at {hit['place']} in {hit['service']}{whose}"
        trace = f", trace {hit['trace_id']}" if hit["trace_id"] else ""
        yield f"{clock(hit['at'])} {where}: {because(hit)}{trace}"


def clock(at: float | None = None) -> str:
    moment = datetime.fromtimestamp(at).astimezone() if at else datetime.now().astimezone()
    return f"{moment:%H:%M:%S}"
