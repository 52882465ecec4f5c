"""The one log of the shop: what the services print, and what the launcher has to say."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from acme.launcher.output import Output
from acme.terminal import Colours

LONGEST = 64 * 1024
KNOWN = {"time", "level", "message", "service", "logger", "trace_id", "span_id", "exception"}
HARMLESS = {code: "?" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
LEVELS = {"DEBUG": "grey", "WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
OWN = "acme"


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
        if key not in KNOWN:
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


class Log:
    """Writes for a person, each line behind its service's name; or `raw`, as the services wrote."""

    def __init__(self, output: Output, names: Sequence[str], colours: Colours, raw: bool) -> None:
        self._output = output
        self._colours = colours
        self._raw = raw
        width = max(map(len, (*names, OWN)))
        self._prefixes = {
            name: colours.of_service(index, f"{name:{width}} | ")
            for index, name in enumerate(names)
        }
        self._prefixes[OWN] = colours.paint("bold", f"{OWN:{width}} | ")

    def printed(self, service: str, line: str) -> None:
        if self._raw:
            self._output.line(line)
            return
        for part in compact(line, self._colours).splitlines():
            self._output.line(self._prefixes[service] + part)

    def say(self, sentence: str) -> None:
        if self._raw:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            entry = {"time": now, "level": "INFO", "service": OWN, "message": sentence}
            self._output.line(json.dumps(entry))
        else:
            self._output.line(self._prefixes[OWN] + sentence)

    def show(self, text: str) -> None:
        """Something for people alone, such as a table."""
        if not self._raw:
            self._output.line(text)
