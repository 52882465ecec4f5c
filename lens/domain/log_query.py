"""What a search for log lines asks for, and what it finds."""

from dataclasses import dataclass

from traces.model import LogLine

# The least number of each level, as OTLP has them.
LEVELS = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}


@dataclass(frozen=True, slots=True)
class LogQuery:
    """None or an empty value means any.

    `text` is looked for in the body, the attributes and the event's name, in either case of ASCII;
    `level` is the least number of OTLP. Wanted are the newest `limit` lines or, if `after` is
    given, the first that arrived after the line of that number.
    """

    text: str = ""
    service: str = ""
    level: int = 0
    trace_id: str = ""
    span_id: str = ""
    start_ns: int | None = None
    end_ns: int | None = None
    after: int | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A log line under its number. `span` is the name of its span, None if that is not kept."""

    number: int
    line: LogLine
    trace_kept: bool
    span: str | None


@dataclass(frozen=True, slots=True)
class FoundLines:
    """`last` is the number to ask on from for what comes next."""

    lines: tuple[FoundLine, ...]
    last: int
