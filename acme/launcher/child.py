"""A program as the launcher sees it, and how long it waits before it starts that one again."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field

from acme.launcher.log import Lines
from acme.launcher.programs import Program
from acme.launcher.readiness import Readiness
from acme.launcher.state import Process

STEADY = 10.0
FIRST, MOST = 0.5, 10.0


class Backoff:
    """No wait after a first crash, then twice as long with each one; a service that has lived for
    `STEADY` seconds starts over."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def wait(self, lived: float) -> float:
        """Seconds to wait before the next start, after a life of `lived` seconds."""
        self._in_a_row = 1 if lived >= STEADY else self._in_a_row + 1
        doubled = min(self._in_a_row - 2, 10)
        return min(MOST, FIRST * 2.0**doubled) if doubled >= 0 else 0.0


@dataclass
class Child:
    """One program through all its processes; `pid` is 0 between them."""

    program: Program
    pid: int = 0
    pipe: int = -1
    lines: Lines = field(default_factory=Lines)
    readiness: Readiness | None = None
    ready: bool = False
    given_up: bool = False
    started_at: float = 0.0
    restarts: int = 0
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def name(self) -> str:
        return self.program.name

    def start_order(self) -> tuple[bool, bool]:
        """First what opens its port by itself, while no other child has inherited its socket."""
        return not self.program.opens_port, not self.program.serves

    def started(self, pid: int, pipe: int) -> None:
        self.pid, self.pipe, self.lines = pid, pipe, Lines()
        self.ready, self.started_at = False, time.time()

    def wait(self) -> float:
        """How many seconds to wait before the next start, now that it has crashed."""
        return self.backoff.wait(lived=time.time() - self.started_at)

    def signal(self, number: signal.Signals) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def as_process(self) -> Process:
        ports = list(self.program.place.ports)
        return Process(self.pid, ports, self.program.url, self.started_at, self.restarts)


def ending(status: int) -> str:
    """How a process ended, from what `waitpid` says."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
