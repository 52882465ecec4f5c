"""All that leaves a service by way of the log, in both of its forms."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.sdk.resources import Resource

from shared.telemetry.logs import Encoder, JsonLines, Line, log_record


class Said(logging.Handler):
    """Keeps what is printed, and what goes to the backend."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.printed: list[str] = []
        self.lines: list[Line] = []
        self._json = JsonLines("orders")

    def emit(self, record: logging.LogRecord) -> None:
        self.printed.append(self._json.format(record))
        self.lines.append(Line.of(record))

    def events(self) -> list[LogRecord]:
        return [log_record(line) for line in self.lines if line.event]

    def bytes(self) -> bytes:
        return "\n".join(self.printed).encode() + Encoder(Resource({}))(self.lines)


@contextmanager
def listening() -> Iterator[Said]:
    """Hears all that is logged meanwhile."""
    said, root = Said(), logging.getLogger()
    level = root.level
    root.addHandler(said)
    root.setLevel(logging.INFO)
    try:
        yield said
    finally:
        root.removeHandler(said)
        root.setLevel(level)
