"""Traces as a list, a line for each, once or as they come."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from acme.explorer.backend import Backend
from acme.explorer.text import fitted, plain, width
from acme.terminal import Colours
from lens.views.moments import moment
from traces.summary import TraceSummary

TOOK, SPANS, ERRORS, ID = 8, 5, 3, 32
HEAD = f"{'when':8} {'duration':>{TOOK}} {'spans':>{SPANS}} {'err':>{ERRORS}} {'trace':{ID}} root"
SECONDS = 1.0
OVERLAP_S = 60


@dataclass(frozen=True)
class Wanted:
    """What is searched for; each field that is empty is any. `tags` are as in `key=value`,
    durations as in `100ms`. A `text` in lens's search language counts instead of all others.
    """

    service: str = ""
    operation: str = ""
    errors: bool = False
    tags: Sequence[str] = ()
    shortest: str = ""
    longest: str = ""
    text: str = ""

    def found(
        self, backend: Backend, start_s: float, end_s: float, limit: int
    ) -> list[TraceSummary]:
        """The newest traces that fit and began in this time, newest first."""
        if self.text:
            return backend.find(self.text, start_s, limit)
        return backend.search(self.query(start_s, end_s, limit))

    def query(self, start_s: float, end_s: float, limit: int) -> dict[str, str]:
        """The parameters of Jaeger's `/api/v3`."""
        attributes = dict(tag.split("=", 1) for tag in self.tags)
        if self.errors:
            attributes["error"] = "true"
        given = {
            "query.serviceName": self.service,
            "query.operationName": self.operation,
            "query.durationMin": self.shortest,
            "query.durationMax": self.longest,
            "query.attributes": json.dumps(attributes) if attributes else "",
        }
        return {
            "query.startTimeMin": rfc3339(start_s),
            "query.startTimeMax": rfc3339(end_s),
            "query.searchDepth": str(limit),
            **{name: value for name, value in given.items() if value},
        }


def rfc3339(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def row(one: TraceSummary, columns: int, colours: Colours, *, dated: bool = False) -> str:
    """A trace in one line; its root's name is cut where the line would be too long."""
    began = moment(one.start_ns)
    when = f"{began:%Y-%m-%d %H:%M:%S}" if dated else f"{began:%H:%M:%S}"
    errors = colours.paint("red", f"{one.errors:>{ERRORS}}") if one.errors else f"{0:>{ERRORS}}"
    start = f"{when} {one.took:>{TOOK}} {one.spans:>{SPANS}} "
    root = plain(f"{one.root_service or '(root not here yet)'} {one.root_name}".rstrip())
    left = columns - len(start) - ERRORS - 1 - ID - 1
    cut = fitted(root, left) if 8 <= left < width(root) else root
    return f"{start}{errors} {one.trace_id} {cut}"


def listed(found: Sequence[TraceSummary], columns: int, colours: Colours) -> Iterator[str]:
    """The head and a line for each trace; with dates if they are of several days."""
    days = {moment(one.start_ns).date() for one in found}
    dated = len(days) > 1
    yield colours.paint("grey", f"{'':11}{HEAD}" if dated else HEAD)
    for one in found:
        yield row(one, columns, colours, dated=dated)


def tail(
    backend: Backend,
    wanted: Wanted,
    *,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[TraceSummary]:
    """Each trace that begins from now on, once it has not changed between two looks; without end.
    Raises as the backend does.
    """
    begun = clock()
    last: dict[str, TraceSummary] = {}
    shown: set[str] = set()
    while True:
        now = clock()
        # A trace may arrive long after it began; what was shown in that time is remembered.
        since = max(begun, now - OVERLAP_S)
        found = wanted.found(backend, since, now + SECONDS, 1000)
        shown &= {one.trace_id for one in found}
        for one in reversed(found):
            before = last.get(one.trace_id)
            if one.trace_id not in shown and before and settled(before, one):
                shown.add(one.trace_id)
                yield one
        last = {one.trace_id: one for one in found}
        pause(SECONDS)


def settled(before: TraceSummary, now: TraceSummary) -> bool:
    return (before.spans, before.errors, before.end_ns) == (now.spans, now.errors, now.end_ns)
