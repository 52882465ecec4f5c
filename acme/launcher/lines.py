"""What a service prints, for a person to read: its name before each line, JSON made compact."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from acme.terminal import Colours

LONGEST = 64 * 1024
TOLD = {"time", "level", "message", "service", "logger", "trace_id", "span_id", "exception"}
HARMLESS = {code: "?" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
LEVELS = {"DEBUG": "grey", "WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}


class Lines:
    """Cuts what comes out of a pipe into lines; one without an end is cut at `LONGEST` bytes."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> Iterator[str]:
        *whole, self._rest = (self._rest + piece).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)
        if len(self._rest) > LONGEST:
            yield from self.end()

    def end(self) -> Iterator[str]:
        if self._rest:
            yield self._rest.decode(errors="replace")
        self._rest = b""


def compact(line: str, colours: Colours) -> str:
    """A JSON log line as `time level message (trace ...) key=value`; any other as it is."""
    entry = entry_of(line) if line.startswith("{") else None
    return "".join(parts(entry, colours)) if entry else line.translate(HARMLESS)


def entry_of(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "message" in entry else None


def parts(entry: Mapping[str, Any], colours: Colours) -> Iterator[str]:
    level = shown(entry.get("level", "")).upper()
    yield colours.paint("grey", clock(str(entry.get("time", ""))))
    if level and level != "INFO":
        yield colours.paint(LEVELS.get(level, "bold"), f"{level} ")
    yield shown(entry["message"])
    if trace := entry.get("trace_id"):
        yield colours.paint("grey", f" (trace {shown(trace)})")
    for key, value in entry.items():
        if key not in TOLD:
            yield colours.paint("grey", f" {shown(key)}={shown(value)}")
    if exception := entry.get("exception"):
        yield f"\n{shown(exception)}"


def shown(value: object) -> str:
    return str(value).translate(HARMLESS)


def clock(time: str) -> str:
    """`2026-11-21T10:11:12.345Z` as the wall clock's `10:11:12.345 `."""
    try:
        local = datetime.fromisoformat(time).astimezone()
    except ValueError:
        return ""
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03} "
