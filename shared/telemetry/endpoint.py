"""What every OTLP endpoint can do, over HTTP or gRPC: take a message, and say what became of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

QUIET_SECONDS = 60.0
LONGEST_REASON = 300  # characters of what a backend said that may stand in a log line

log = logging.getLogger(__name__)


class ExportResult(Enum):
    """What became of a message: the results of the SDK's exporters, and one that may change."""

    SUCCESS = "success"
    FAILURE = "failure"
    RETRYABLE = "retryable"


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt, and what the backend said of it.

    `reason` is why it was no success, or why it was none for `rejected` items of the message;
    `wait` is how many seconds the backend wants to be left alone.
    """

    result: ExportResult
    reason: str = ""
    wait: float = 0.0
    rejected: int = 0


class Endpoint(Protocol):
    """Where one signal goes."""

    @property
    def url(self) -> str: ...

    def post(self, body: bytes) -> Outcome:
        """Sends a protobuf message, once, within the endpoint's timeout."""

    def close(self) -> None:
        """Ends the connection; a request that is under way ends it afterwards."""


class OnceAMinute:
    """Says yes, and then no for a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._next = clock, clock()

    def __call__(self) -> bool:
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + QUIET_SECONDS
        return True


class Outage:
    """Says once that an endpoint takes no telemetry, and once that it does again.

    An outage within a minute of one that was said is passed over, unless it is still there when the
    minute is over: a backend that comes and goes fills no log.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._clock = url, clock
        self._since: float | None = None
        self._may_say = OnceAMinute(clock)
        self._said: set[str] = set()

    @property
    def lasts(self) -> bool:
        return self._since is not None

    def begin(self, what: str, reason: str) -> None:
        """`what` is wrong with the endpoint: it is said, unless it was."""
        if self._since is None:
            self._since = self._clock()
        if what not in self._said and (self._said or self._may_say()):
            self._said.add(what)
            log.warning("%s %s: %s", self._url, what, reason[:LONGEST_REASON])

    def end(self, details: Callable[[], str] = str) -> None:
        """Telemetry is taken; `details` gives what else there is to say after an outage."""
        if self._since is not None and self._said:
            seconds, more = self._clock() - self._since, details()
            end = f": {more}" if more else ""
            log.warning("%s takes telemetry again after %.1f s%s", self._url, seconds, end)
        self._since = None
        self._said.clear()


def partial_success(message: bytes) -> tuple[int, str]:
    """How many items of a message the backend rejected, and why. The answers of all signals have
    the same fields; what is no such answer rejects nothing.
    """
    try:
        partial = ExportTraceServiceResponse.FromString(message).partial_success
    except DecodeError:
        return 0, ""
    return max(0, partial.rejected_spans), partial.error_message
