"""Log lines on a terminal, once or as they come."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from acme.explorer.backend import Backend
from acme.explorer.text import of_level, plain
from acme.terminal import Colours
from lens.views.moments import clock

SECONDS = 1.0
STACK = "exception.stacktrace"
LEFT_OUT = {STACK, "logger.name"}
Line = Mapping[str, Any]


def newest(
    backend: Backend, query: Mapping[str, str], limit: int
) -> tuple[list[dict[str, Any]], int]:
    """The newest lines that fit, the oldest of them first, and the number to follow from."""
    lines, last = backend.log_lines({**query, "limit": str(limit)})
    return lines[::-1], last


def following(
    backend: Backend,
    query: Mapping[str, str],
    last: int,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Line]:
    """The lines that arrive after the one with that number, without end."""
    while True:
        lines, last = backend.log_lines({**query, "after": str(last), "limit": "1000"})
        yield from lines
        if len(lines) < 1000:
            pause(SECONDS)


def text_of(line: Line, colours: Colours, *, with_trace: bool) -> str:
    """`14:55:01.123 WARN orders: the bank is away key=value trace=...`, a stack trace below it."""
    at = int(line["timeUnixNano"])
    level = of_level(colours, line.get("severityNumber", 0), f"{line['severity'] or 'LOG':5}")
    said = plain(" ".join(filter(None, (line.get("eventName", ""), line["body"]))))
    more = "".join(
        f" {plain(key)}={plain(str(value))}"
        for key, value in line["attributes"].items()
        if key not in LEFT_OUT
    )
    trace = f" trace={line['traceId']}" if with_trace and line["traceId"] else ""
    first = f"{colours.paint('grey', clock(at))} {level} {plain(line['service'])}: {said}"
    stack = str(line["attributes"].get(STACK, "")).splitlines()
    return "\n".join(
        (first + colours.paint("grey", more + trace), *(f"  {plain(one)}" for one in stack))
    )
